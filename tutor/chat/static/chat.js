// The tutor on the page. The kernel remembers, renders and sanitises; this file shows what it sends,
// passes on what the learner does, and keeps the learner's words until the kernel has taken them.

const LATE = 1500; // ms without a word from the kernel: then a cell is running, or the connection is lost
const WAITING = "Waiting for the running cell.", CUT = "No connection to the kernel: choose Kernel > Reconnect to Kernel.";
const KEPT = " Your question is kept.";
const BUSY = "One question at a time. Your words are kept until this reply has ended.";

const SKELETON = `
<header><strong>Tutor</strong><span class="tutor-meta"></span><div class="acts">
<select aria-label="Model" hidden><optgroup label="Price of a million tokens: in / out"></optgroup></select>
<button type="button" class="quiet" data-do="live" hidden>Go live</button>
<button type="button" class="quiet" data-do="back" hidden>Back to written replies</button>
<button type="button" class="quiet" data-do="undo" hidden>Undo Clear</button>
<button type="button" class="quiet" data-do="load" hidden>Load</button>
<button type="button" class="quiet" data-do="save" hidden>Save</button>
<button type="button" class="quiet" data-do="clear">Clear</button></div></header>
<div role="log" aria-label="Conversation" aria-live="off" tabindex="0"></div>
<div class="say" role="status"></div>
<form class="ask"><textarea aria-label="Ask the tutor" rows="2"
placeholder="Your own question. Enter sends, Shift+Enter starts a new line."></textarea>
<button type="button" class="primary" data-do="ask">Ask</button><div class="with" role="group" aria-label="Sent with your question"></div></form>
<form class="note" aria-label="Go live" hidden>
<p>With a key, replies come from the API and cost money. This notebook stops at <strong class="cap"></strong>.</p>
<p class="lent">This computer is lent to you by <strong></strong>: others run it. Use a key with a small limit, and revoke it after.</p>
<div class="field"><label>API key<input type="password" autocomplete="off" spellcheck="false"></label></div>
<p class="tutor-meta">Kept in memory until the kernel restarts. Never saved in the notebook.</p>
<label class="check"><input type="checkbox"><span>Remember on this computer. Writes <code>.env</code>, which only you can read.</span></label>
<p role="status"></p>
<div class="tutor-row"><button type="submit" class="primary">Use this key</button>
<button type="button" class="quiet" data-do="stay">Stay with written replies</button></div></form>`;

const GONE = `<div class="trouble"><span class="tutor-mark m-error" aria-hidden="true">!</span>
<p><strong>The kernel was restarted or has ended.</strong> Run the set-up cell at the top, then this one: click into each and
press Shift+Enter. Your question is kept.</p></div>`;

function make(tag, attributes, ...inside) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...inside);
  return node;
}

// A block as a node that remembers the source of each child, for `patch`.
function fromHtml(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const inside = template.content;
  const one = inside.childNodes.length === 1 && inside.firstElementChild;
  const node = one || make("div", { class: "tutor-block" }, inside);
  node.html = html;
  node.was = [...node.childNodes].map((child) => child.outerHTML ?? child.data);
  return node;
}

// Only what has changed is replaced: a selection before it survives, and formulas there stay typeset.
function patch(old, fresh) {
  if (old.tagName !== fresh.tagName || old.className !== fresh.className) return old.replaceWith(fresh);
  let same = 0;
  while (same < old.was.length && old.was[same] === fresh.was[same]) same += 1;
  while (old.childNodes.length > same) old.lastChild.remove();
  old.append(...[...fresh.childNodes].slice(same));
  old.was = fresh.was;
  old.html = fresh.html;
}

function render({ model, el }) {
  const view = Math.random().toString(36).slice(2, 8);
  const root = make("section", { class: "tutor tutor-chat", role: "region", "aria-label": "Tutor" });
  root.dataset.lmSuppressShortcuts = "true"; // Notebook 7 looks at keys before they arrive here
  root.innerHTML = SKELETON;
  el.append(root);
  const find = (selector) => root.querySelector(selector);
  const log = find("[role=log]"), say = find(".say"), box = find("textarea"), button = find("[data-do=ask]"), models = find("select");
  const words = make("div", { class: "md" }), offers = make("div", { role: "group", "aria-label": "Suggestions" });
  const draft = `tutor-draft-${location.pathname}-${model.get("first").lesson}`; // where words wait for the next page
  const off = new Set(); // what the learner does not want sent along
  const turns = new Map(); // id -> the two articles and the turn
  let news = ""; // what to say when the conversation has been drawn anew
  let state = model.get("first"), asked = null, dropped = null, count = 0, unheard = null;

  // ---- to the kernel

  function send(message) {
    try {
      model.send({ ...message, view });
    } catch {
      return gone();
    }
    if (["ask", "stop", "hello"].includes(message.type)) return;
    clearTimeout(unheard);
    unheard = setTimeout(() => (find(".note").hidden ? tell : tellKey)(silence()), LATE);
  }

  // Why nothing is heard. Other hosts than JupyterLab do not say how their connection is.
  function silence() {
    return (model.widget_manager?.kernel?.connectionStatus ?? "connected") === "connected" ? WAITING : CUT;
  }

  function ask(text, more = {}) {
    text = text.toWellFormed?.() ?? text; // half a letter cannot be sent
    if (asked && text.trim()) tell(BUSY);
    if (asked || !text.trim()) return;
    if (root.contains(document.activeElement)) box.focus(); // the button may go, and the keyboard's place with it
    asked = { id: `${view}-${++count}`, text, late: setTimeout(() => tell(silence() + KEPT), LATE) };
    const parts = state.parts.map((part) => part.name).filter((name) => !off.has(name));
    show();
    send({ type: "ask", id: asked.id, text, parts, ...more });
  }

  function stop() {
    if (!asked) return;
    const { id, taken } = asked;
    dropped = id;
    release();
    tell(taken ? "Stopped." : "Stopped. Your question is kept.");
    turns.get(id)?.md.classList.remove("writing");
    send({ type: "stop", id, taken: Boolean(taken) });
    box.focus();
  }

  // ---- from the kernel

  const heard = {
    reset(message) {
      if (message.view && message.view !== view) return;
      for (const { you, tutor } of turns.values()) you.remove(), tutor.remove();
      turns.clear();
      state = message.state;
      message.turns.forEach(put);
      const last = message.turns.at(-1);
      if (last?.state === "writing") take(last);
      else if (asked?.taken) release(); // cleared, or loaded over, while its reply was written
      if (!asked) tell(news);
      news = "";
      show();
      log.scrollTop = log.scrollHeight;
    },
    state(message) {
      state = message.state;
      show();
    },
    turn({ turn }) {
      put(turn);
      if (turn.id !== dropped) take(turn);
      show();
      log.scrollTop = log.scrollHeight;
    },
    blocks(message) {
      const held = turns.get(message.id);
      if (!held || message.id === dropped) return;
      if (message.tag) held.who.innerHTML = message.tag;
      draw(message.id, message.blocks, message.count, message.final);
    },
    end({ turn }) {
      follow(() => {
        put(turn);
        if (asked?.id === turn.id) release();
        show();
      });
      tell(turn.say);
    },
    gone({ id }) {
      turns.get(id)?.you.remove();
      turns.get(id)?.tutor.remove();
      turns.delete(id);
    },
    no(message) {
      if (asked?.id !== message.id) return;
      release();
      tell(message.say);
    },
    say(message) {
      if (message.view === view) tell(message.say);
    },
    sent(message) {
      if (message.view !== view) return;
      const fold = turns.get(message.id)?.tutor.querySelector(".tutor-sent");
      if (!fold) return;
      fold.lastChild.innerHTML = message.html;
      const panels = fold.querySelectorAll("[role=tabpanel]");
      fold.querySelectorAll("[role=tab]").forEach((tab, n) => {
        tab.id = `${view}-${message.id}-tab-${n}`;
        panels[n].id = `${view}-${message.id}-panel-${n}`;
        tab.setAttribute("aria-controls", panels[n].id);
        panels[n].setAttribute("aria-labelledby", tab.id);
      });
      log.scrollTop += fold.getBoundingClientRect().top - log.getBoundingClientRect().top - 8;
    },
    key(message) {
      if (message.view !== view) return;
      tellKey(message.good ? "" : message.say);
      if (message.good) live(false), tell(message.say), box.focus();
    },
  };

  function take(turn) {
    if (asked?.id === turn.id && box.value === asked.text) box.value = "";
    clearTimeout(asked?.late);
    asked = { id: turn.id, text: turn.question, taken: true };
    tell(turn.say);
  }

  function release() {
    clearTimeout(asked?.late);
    asked = null;
    show();
  }

  function gone() {
    if (find(".gone")) return release(), tell("Not connected.");
    const asking = asked;
    if (asking && !box.value) box.value = asking.text; // a reply that was on its way will not come
    if (asking) turns.get(asking.id)?.md.classList.remove("writing");
    release();
    find("[type=password]").value = "";
    find(".note").hidden = true;
    log.hidden = say.hidden = find("form.ask").hidden = false;
    find("header .tutor-meta").textContent = "not connected";
    root.querySelectorAll("header button, header select, .with").forEach((node) => node.remove());
    offers.remove(), words.remove();
    log.append(make("article", { "aria-label": "Tutor", class: "gone" }));
    find(".gone").innerHTML = GONE;
    log.scrollTop = log.scrollHeight;
    button.className = "";
    tell("Not connected.");
  }

  // ---- drawing

  function tell(text) {
    if (say.textContent !== text) say.textContent = text;
  }

  function tellKey(text) {
    find(".note [role=status]").textContent = text;
    find("[type=password]").setAttribute("aria-invalid", Boolean(text));
  }

  function show() {
    if (find(".gone")) return;
    find("header .tutor-meta").textContent = state.meter;
    find("[data-do=save]").hidden = find("[data-do=clear]").hidden = !turns.size;
    find("[data-do=load]").hidden = !state.saved || turns.size > 0;
    find("[data-do=undo]").hidden = !state.undo || turns.size > 0;
    models.hidden = !state.live;
    if (models.length !== state.models.length) models.firstChild.replaceChildren(...state.models.map(([id, words]) => new Option(words, id)));
    models.value = state.model;
    find("[data-do=live]").hidden = !state.offer || !find(".note").hidden || Boolean(asked);
    find("[data-do=back]").hidden = !state.back || Boolean(asked);
    find(".cap").textContent = state.cap;
    find("[data-do=stay]").textContent = state.live ? "Cancel" : "Stay with written replies";
    const all = [...turns.values()]; // what helped once helps only after the last reply
    all.forEach((held, n) => held.after.querySelectorAll(".trouble .tutor-row").forEach((row) => (row.hidden = n < all.length - 1)));
    find(".lent strong").textContent = state.lender;
    find(".lent").hidden = !state.lender;
    find(".check").hidden = Boolean(state.lender);
    words.replaceChildren(make("p", {}, state.words));
    const offered = all.at(-1)?.choices ?? []; // these stand in the reply itself
    const list = state.suggest.filter(([text]) => !offered.includes(text)).map(([text, mark]) => {
      const one = make("button", { type: "button", "data-do": "suggestion" }, text);
      one.insertAdjacentHTML("afterbegin", mark);
      return make("li", {}, one);
    });
    offers.replaceChildren(make("ul", { class: "suggest" }, ...list));
    turns.size ? words.remove() : log.prepend(words);
    asked?.taken || !list.length ? offers.remove() : log.append(offers);
    const trouble = all.at(-1)?.trouble;
    button.textContent = asked ? "Stop" : "Ask";
    button.className = asked ? "stop" : trouble ? "" : "primary";
    along();
  }

  function along() {
    const boxes = state.parts.map(({ name, label }) => {
      const input = make("input", { type: "checkbox" });
      input.checked = !off.has(name);
      input.onchange = () => (input.checked ? off.delete(name) : off.add(name), along());
      return make("label", {}, input, label);
    });
    const text = state.parts.filter(({ name }) => !off.has(name)).map((part) => part.text).join("\n\n");
    const open = find(".with details")?.open;
    const fold = make("details", {}, make("summary", {}, "show it"), make("pre", { tabindex: 0 }, text));
    fold.open = Boolean(open);
    const intro = state.live ? [make("span", {}, "Sent with your question:")] : [];
    find(".with").replaceChildren(...(boxes.length ? [...intro, ...boxes, ...(text ? [fold] : [])] : []));
  }

  function put(turn) {
    let held = turns.get(turn.id);
    if (!held) {
      const md = make("div", { class: "md" }), who = make("p", { class: "who" }), after = make("div", { class: "after" });
      const asks = make("p", {}, turn.question);
      held = { md, who, after, you: make("article", { class: "you", "aria-label": "You" }, make("span", { class: "who" }, "You"), asks) };
      held.tutor = make("article", { "aria-label": "Tutor" }, who, md, after);
      offers.isConnected ? offers.before(held.you, held.tutor) : log.append(held.you, held.tutor);
      turns.set(turn.id, held);
    }
    Object.assign(held, { trouble: turn.trouble, choices: turn.choices });
    held.who.innerHTML = turn.tag;
    held.who.hidden = Boolean(turn.trouble) && !held.md.childElementCount;
    held.md.classList.toggle("writing", turn.state === "writing");
    if (turn.blocks) draw(turn.id, turn.blocks, turn.blocks.length, turn.state !== "writing");
    if (turn.state === "writing") return;
    for (const item of held.md.querySelectorAll("li")) choosable(item, turn.choices);
    follow(() => {
      held.after.innerHTML = turn.trouble;
      if (!turn.sent) return;
      const fold = make("details", { class: "tutor-sent" }, make("summary", {}), make("div", {}, "Asking the kernel."));
      fold.firstChild.innerHTML = turn.sent;
      fold.addEventListener("toggle", () => send({ type: "sent", id: turn.id }), { once: true });
      held.after.append(fold);
    });
    held.who.hidden = Boolean(turn.trouble) && !held.md.childElementCount;
    for (const wait of held.after.querySelectorAll("[data-wait]")) countDown(wait, wait.textContent, wait.dataset.wait);
  }

  // A question that the reply offers is asked with a click, in the words it was written for.
  function choosable(item, choices) {
    const asked = choices.find((text) => text.replaceAll("`", "") === item.textContent);
    if (asked) item.replaceChildren(make("button", { type: "button", class: "choice", "data-do": "suggestion" }, asked.replaceAll("`", "")));
  }

  function countDown(node, label, seconds) {
    node.disabled = seconds > 0;
    node.textContent = seconds > 0 ? `${label} in ${seconds} s` : label;
    if (seconds > 0) setTimeout(() => countDown(node, label, seconds - 1), 1000);
  }

  function draw(id, blocks, size, final) {
    const md = turns.get(id)?.md;
    if (!md) return;
    follow(() => {
      for (const [place, same, rest] of blocks) {
        const old = md.children[place];
        const node = fromHtml((old?.html ?? "").slice(0, same) + rest);
        old ? patch(old, node) : md.append(node);
      }
      while (md.children.length > size) md.lastElementChild.remove();
    });
    // A formula is typeset once, when something stands after it; where there is no typesetter it stays readable TeX.
    const typesetter = model.widget_manager?.rendermime?.latexTypesetter;
    const last = final ? null : (md.lastElementChild?.lastChild ?? md.lastElementChild);
    for (const formula of typesetter ? md.querySelectorAll(".math:not([data-set])") : []) {
      if (last?.contains(formula)) continue;
      formula.dataset.set = "";
      typesetter.typeset(formula);
    }
  }

  function follow(change) {
    const near = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
    change();
    if (near) log.scrollTop = log.scrollHeight;
  }

  function live(open) {
    find(".note").hidden = !open;
    log.hidden = say.hidden = find("form.ask").hidden = open;
    show();
    if (open) find("[type=password]").focus();
  }

  // ---- the learner

  function again(node, more) {
    const [id, held] = [...turns].find(([, each]) => each.tutor.contains(node));
    ask(held.you.querySelector("p").textContent, { instead: id, ...more });
  }

  function change(type, words) {
    news = words;
    send({ type });
    box.focus();
  }

  const done = {
    ask: () => (asked ? stop() : ask(box.value)),
    suggestion: (node) => ask(node.lastChild.textContent),
    clear: () => change("clear", "Cleared. Undo Clear brings it back."),
    undo: () => change("undo", "The conversation is back."),
    save: () => send({ type: "save" }),
    load: () => change("load", "The conversation is back."),
    back: () => change("back", "Replies are written in advance again."),
    live: () => live(true),
    key: () => live(true),
    stay: () => ((find("[type=password]").value = ""), live(false), box.focus()),
    again: (node) => again(node, {}),
    written: (node) => again(node, { written: true }),
    other: (node) => again(node, { model: node.dataset.model }),
    "go-on": () => ask("Please go on from where you stopped."),
    reword: (node) => {
      box.value = [...turns.values()].find((each) => each.tutor.contains(node)).you.querySelector("p").textContent;
      box.focus();
    },
  };

  root.addEventListener("click", (event) => {
    const node = event.target.closest("[data-do], [role=tab]");
    if (!node || (event.detail > 1 && !(node === button && asked?.taken))) return; // the second half of a double click
    node.dataset.do ? done[node.dataset.do](node) : choose(node);
  });

  root.addEventListener("keydown", (event) => {
    event.stopPropagation(); // or Shift+Enter runs the cell, and the text is lost
    if (event.isComposing || event.keyCode === 229) return; // 229: Safari's word for composing
    if (event.key === "Escape") find(".note").hidden ? stop() : done.stay();
    if (event.target === box && event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      ask(box.value);
    }
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step && event.target.matches("[role=tab]")) {
      const tabs = [...event.target.parentNode.children];
      choose(tabs.at((tabs.indexOf(event.target) + step) % tabs.length)).focus();
      event.preventDefault();
    }
  });

  function choose(tab) {
    for (const each of tab.parentNode.children) {
      each.setAttribute("aria-selected", each === tab);
      each.tabIndex = each === tab ? 0 : -1;
      document.getElementById(each.getAttribute("aria-controls")).hidden = each !== tab;
    }
    return tab;
  }

  find(".note").addEventListener("submit", (event) => {
    event.preventDefault();
    const field = find("[type=password]"), value = field.value;
    field.value = ""; // the key leaves the page with the message, and is not kept here
    tellKey(value.trim() ? "" : "Paste a key first.");
    value.trim() ? send({ type: "key", value, remember: find(".check input").checked }) : field.focus();
  });
  find(".note [role=status]").id = `${view}-key`;
  find("[type=password]").setAttribute("aria-describedby", `${view}-key`);
  find("form.ask").addEventListener("submit", (event) => event.preventDefault());

  models.addEventListener("change", () => send({ type: "model", value: models.value }));
  // Words not yet sent wait for the next page or the next run of this cell: the first that closes is the first to open.
  const drafts = () => JSON.parse(sessionStorage.getItem(draft) ?? "[]");
  const keep = () => {
    // A browser writes its storage to the disk, where no key belongs.
    if (box.value && !/sk-ant-/i.test(box.value)) sessionStorage.setItem(draft, JSON.stringify([...drafts(), box.value]));
    box.value = "";
  };
  const [kept = "", ...others] = drafts();
  box.value = kept;
  sessionStorage.setItem(draft, JSON.stringify(others));
  window.addEventListener("pagehide", keep);
  const listen = (message) => (clearTimeout(unheard), heard[message.type]?.(message));
  const look = () => find(".gone") || send({ type: "hello" }); // the kernel may have gone
  model.on("msg:custom", listen);
  model.on("comm_live_update", look);
  model.widget_manager?.kernel?.disposed?.connect(gone);
  show();
  send({ type: "hello" });
  return () => {
    keep();
    window.removeEventListener("pagehide", keep);
    model.off?.("msg:custom", listen);
    model.off?.("comm_live_update", look);
    model.widget_manager?.kernel?.disposed?.disconnect(gone);
  };
}

export default { render };

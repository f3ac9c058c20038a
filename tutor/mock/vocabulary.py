"""The words of the search: those that tell nothing, those that mean the same, and the short forms of messages."""

from __future__ import annotations

import re

STOP = frozenset(
    """
    a not about after again all also am an and any are as at be because been being but by came can come could d did
    do does doing don even every exactly explain for from get give go got had happen happens has have he her
    here hers him his how i if in into is isn it its itself just know let ll look m make many may me mean meant
    means might mine more most much must my need no now of off oh ok on once one only or other our out over
    please put quite re really s say says see she should show so some still such t tell than that the their them
    then there these they thing things this those to too up us use used using ve very want was way we were what
    whats when where which while who whom whose why will with would you your yours meaning purpose
    abbreviation obtain explanation explained something anything good work works working worked actually simply
    basically kind sort wants wanted hit like hello hi hey thanks ask asked
    """.split()  # noqa: SIM905  # words, to be read as words
)
# Words that tell nothing about the subject either; they count where a question of the bank holds them.
LIGHT = frozenset(
    """
    able absolutely accidentally actually afraid already alright although always amazing annoying anybody anyone
    anyway anywhere apparently around aware awesome away awful basic basically behave believe besides bother
    broad bunch care careful case cases certain certainly clear clearly close completely completly confused
    confusing consider convince cool correctly couple crazy curious currently damn day days dear decide
    definitely depend depends despite detail details dude easily easy either else enough entirely especially etc
    ever everybody everyone everything everywhere exact expect expected extra fact fairly feel feels few final
    finally fine folks following forever frankly fully funny further general generally glad gone good great
    guess guy guys hard hardly hear heard hence hint honest honestly hope hour hours however huge idea imagine
    immediately important impossible impression indeed inside instead interested interesting issue kinda last
    lately later least leave left less literally little lol look looked looking looks lot lots lovely mainly
    maybe mention mentioned mess middle moment morning mostly myself namely near nearly necessarily neither
    never nevertheless nice night nobody none nope normal normally nothing number obvious obviously odd often
    okay opposite ordinary originally otherwise ourselves outside own particular particularly perfect perfectly
    perhaps person personally place plain plainly please plus point practically precise precisely prefer pretty
    previously probably properly quickly quietly rather real reality realize reason reasonable recently
    regarding related relation respect rid round sad sake saw scared seem seemed seems seen sense sensible
    seriously several shall short shortly silly similar simple since single slightly slowly smart somehow
    somebody someone sometimes somewhat somewhere soon sorry sort special specific specifically step steps
    strange stuff stupid suddenly supposed sure surely surprised surprising suspect tell though thought thoughts
    through thus today together tomorrow tonight topic totally totaly toward towards tried true truly try trying
    twice typical ugly unclear understood unfortunately unless unlike unsure until useful useless usual usually
    various weird welcome whatever whenever wherever whether whole within without wonder wondering worried worry
    worse worst worth wow yeah yep yes yesterday yet zero hm hmm pls btw fyi imho omg ugh hell heck bro sir
    madam teacher lesson stand stands excuse haha hehe dumb noob important boss gave given gives giving typed typing
    complain complains claim claims ages world anymore front
    """.split()  # noqa: SIM905  # words, to be read as words
)
# Words that beginners use for one thing. The first of a line stands for all of them.
SAME = """
    cost costs price prices pricing pay pays paid paying payment money bill bills billed billing charge charged cents
        cent dollar dollars fee expensive dear dearer cheap cheaper cheapest spend spends spent spending budget
    free
    reply replies answer answers answered response responses
    request requests call calls called query queries
    difference different differ differs versus vs compare compared comparison distinguish distinction
    fast faster fastest quick quicker quickest quickly speed sooner slow slower slowest latency rapid
    retry retries retried retrying resend reattempt reattempts attempts retryable
    cut truncated truncate interrupted incomplete dropped broken broke breaks break
    remember remembers remembered forget forgets forgot forgotten memory remembering recall recalls memorise
    best better suit suits fits fit suitable
    correct right valid proper properly
    length long longer short shorter shorten brief briefer briefly size big bigger biggest large larger largest
        maximum highest high higher upper
    user users customer customers visitor visitors people person someone somebody reader readers
    need needed require required requires requirement mandatory necessary obligatory optional
    begin begins beginning start starts starting started
    end ends ended ending finish finished finishes stop stops stopped stopping abort aborted cancel cancelled quit
        done complete completed over
    wrong bad fails fail failed failing failure crash crashes crashed problem problems trouble issue
    error errors exception exceptions
    instruction instructions prompt prompts
    model models haiku sonnet opus fable
    library sdk package
    piece pieces chunk chunks part parts delta deltas
    refuse refused refuses refusal refusals reject rejected rejects decline declined declines
    permit permitted permits allow allowed allows possible accept accepted accepts
    safe secure security protect protected protection danger dangerous risk risky unsafe
    example examples sample samples
    secret secrets password passwords hidden hide confidential
    notice notices detect recognise recognize recognised recognized spot realise
    change changes changed swap swapped alter edit modify update
    wait waits waiting pause pauses delay delays
    seconds second
    same identical equal equally deterministic
    language languages french spanish german
    write written writes writing wrote
    create creates made making
    measure count counts counted counting
    continue resume proceed carry
    ignore ignored ignores overrule override overrides overridden trick tricked bypass circumvent
    choose pick select choice decide
    advice tip tips recommend recommendation suggest suggestion
    capable smart smartest powerful strong strongest intelligent clever
    store stored save saved keep kept saving
    appear appears display displayed visible shown
    network wifi internet connection connections connect connects connected disconnect disconnected offline online
    include includes contain contains hold holds
    page pages web website browser
    app apps application applications
    task tasks job jobs
    previous earlier prior
    idea ideas
    exercise exercises
    conversation conversations dialogue
    key keys credential credentials
    thinking think thinks thoughts thought
    beginner beginners newbie novice
    many several multiple
    bot chatbot assistant
    remove removes removed removing delete deletes deleted deleting omit omitted discard
    add adds added adding append appends appended insert inserted attach
    send sends sent sending submit submitted transmit transmitted
    limit limits limited cap capped quota quotas restrict restricted restriction threshold
    twice double doubled doubles duplicate duplicated repeat repeats repeated
    missing lost lose lacks absent gone vanished disappeared disappears
    credit credits balance
    account accounts profile
    register sign signup login
    down outage unavailable dead died
    overloaded overload busy
    dictionary dictionaries dict dicts
    string strings str
    list lists array arrays
    loop loops looping iterate iterating
    injection inject injected attack attacks attacker jailbreak jailbreaks hack hacked hacker
    leak leaked leaks exposed expose published publish
    computer laptop machine pc
    invent invents invented hallucinate hallucinates hallucination hallucinations
    guarantee guaranteed guarantees promise promised
    topic topics subject subjects theme
    tone style
    field fields parameter parameters param params option options setting settings argument arguments property
    address url urls uri endpoint endpoints
    timeout timeouts hang hangs hung
    new newest newer latest current recent
    old older outdated legacy obsolete
    retire retired retires retirement
    mock fake simulate simulated simulation simulator prewritten canned recorded
    reason reasons cause causes
    half partial
    whole entire full
    invalid malformed
    unknown unexpected unrecognised unrecognized
    real genuine actual
    documentation docs reference manual
    install installs installed installing installation setup
    private privacy gdpr personal
    train trains trained training
    browser chrome firefox
    file files folder folders
    team colleague colleagues coworker
    step steps stage
    sentence sentences phrase
    rule rules policy guideline guidelines
    character characters letter letters
    convert parse parses parsed parsing
    trigger triggers triggered
"""  # fmt: skip


# Short forms of messages, and what they stand for.
SHORT = {
    short: tuple(meant.split("_"))
    for short, meant in re.findall(
        r"(\w+)=(\w+)",
        """
        u=you ur=your r=are y=why 2=to 4=for n=and b4=before w=with wo=without bc=because cuz=because coz=because
        pls=please plz=please thx=thanks ty=thanks tnx=thanks idk=i_do_not_know wat=what wut=what wht=what
        wich=which wen=when wher=where hav=have dont=do_not doesnt=does_not cant=can_not didnt=did_not isnt=is_not
        wont=will_not im=i_am ive=i_have diff=difference msg=message msgs=messages smth=something sth=something
        sum1=someone some1=someone ppl=people gonna=going_to wanna=want_to gotta=have_to dunno=do_not_know
        ans=answer err=error errs=errors meny=many al=all cel=cell ned=need kee=key yu=you wht=what hw=how hwo=how
        teh=the wich=which modl=model promt=prompt req=request reqs=requests resp=response convo=conversation
        tho=though lil=little tmrw=tomorrow ru=are_you whats=what_is hows=how_is wheres=where_is thats=that_is
        info=information realy=really asnyc=async rety=retry arent=are_not wasnt=was_not shouldnt=should_not
        couldnt=could_not havent=have_not hasnt=has_not hapen=happen offen=often becuase=because anwser=answer
        btw=by_the_way
        """,
    )
}

"""How start.py's JupyterLab runs: for this computer alone, quietly, without news, and ended by one Ctrl-C."""

import os
import signal
from pathlib import Path

import zmq
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

c = get_config()  # noqa: F821, Jupyter puts it here

c.ServerApp.root_dir = str(Path(__file__).resolve().parent.parent)
c.ServerApp.ip = "127.0.0.1"

load_subconfig("jupyter_nbconvert_config.py")  # noqa: F821, so File > Print and Export as HTML look like start.py print

# The terminal shows the address and what goes wrong, nothing else.
c.Application.log_level = "ERROR"
c.Application.log_format = "%(message)s"
if zmq.has("curve"):
    c.KernelManager.transport_encryption = "auto"  # without it, every kernel warns of traffic in clear

# Nothing is looked up on the network, nothing is asked on the first visit; labconfig/ has the page's side of it.
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
c.LanguageServerManager.autodetect = False  # it would start npm, which writes into the home folder

VIEW = "application/vnd.jupyter.widget-view+json"


class Contents(AsyncLargeFileManager):
    """Opens notebooks; beside no kernel, where a tutor was, its line stands that says to run the cell.

    What the tutor showed lived in the kernel. JupyterLab would say "Error displaying widget: model not found".
    """

    async def get(self, path, content=True, *args, **kwargs):
        model = await super().get(path, content, *args, **kwargs)
        if content and model["type"] == "notebook" and not await self._running(path):
            for cell in model["content"]["cells"]:
                for data in (output.get("data", {}) for output in cell.get("outputs", ())):
                    if "text/plain" in data:
                        data.pop(VIEW, None)
        return model

    async def _running(self, path):
        return any(each["path"] == path.strip("/") for each in await self.parent.session_manager.list_sessions())


c.ServerApp.contents_manager_class = Contents

# The address is shown, and the browser opened, once there is an answer; Jupyter does both a moment too early.
announce = ServerApp.start_app


def start(server):
    """Say where the course is in two lines instead of Jupyter's six."""

    def plainly(record):
        if server.connect_url in str(record.msg):
            how = "The course opens in your browser. If it does not, open" if server.open_browser else "Open"
            record.msg = f"\n{how} this address:\n\n    {server.connect_url}\n"
        return True

    server.log.addFilter(plainly)
    server.io_loop.add_callback(announce, server)


ServerApp.start_app = start


def stop(server, _number, _frame):
    """End as soon as what runs now is done: Jupyter's own handlers ask first, and are lost while it opens its port."""
    server.io_loop.add_callback_from_signal(server.stop)


ServerApp._handle_sigint = ServerApp._signal_stop = stop
if os.name != "nt":
    # Without a terminal, Jupyter takes SIGINT for a crash and leaves files and kernels behind.
    signal.signal(signal.SIGINT, lambda *_: os.kill(os.getpid(), signal.SIGTERM))

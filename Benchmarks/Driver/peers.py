"""The programs that are compared: how they are built, and which of them can run here."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
BUILT = FOLDER / ".build" / "peers"
JARS = [Path("/usr/share/java") / name for name in ("amqp-client.jar", "slf4j-api.jar", "slf4j-nop.jar")]
GO_SOURCES = Path("/usr/share/gocode/src/github.com/rabbitmq/amqp091-go")


class Program:
    """One program: its command, further settings, and the share of the messages that it gets for being slow."""

    def __init__(self, command, settings=None, share=1.0, roles=None):
        self.command = [str(part) for part in command]
        self.settings = settings or {}
        self.share = share
        self.roles = roles


def builds(command, source, result, **environment):
    """Runs a compiler, if the source is newer than the result. What it cannot build is left out, and said so."""
    if result.exists() and result.stat().st_mtime > source.stat().st_mtime:
        return True
    compiled = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)
    if compiled.returncode != 0:
        print(f"left out: {command[0]}: {compiled.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
    return compiled.returncode == 0


def succeeds(*command):
    return shutil.which(command[0]) is not None and subprocess.run(command, capture_output=True).returncode == 0


@contextlib.contextmanager
def stand_in():
    """Runs a stand-in for the broker; gives its port."""
    program = BUILT / "standin"
    source = FOLDER / "Peers" / "standin.c"
    subprocess.run([os.environ.get("CC", "cc"), "-O2", "-pthread", "-o", program, source], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([program, str(port)], stdout=subprocess.PIPE, text=True)
    try:
        process.stdout.readline()
        yield port
    finally:
        process.kill()
        process.wait()


def find():
    """Builds what can be built. The baseline and our own program have to be there, the others may be missing."""
    sources = FOLDER / "Peers"
    BUILT.mkdir(parents=True, exist_ok=True)
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "librabbitmq"], capture_output=True, text=True, check=True)
    compiler = [os.environ.get("CC", "cc"), "-O2", "-o", BUILT / "lib", sources / "lib.c", *flags.stdout.split()]
    subprocess.run(compiler, check=True)
    ours = FOLDER / ".build" / "release" / "BusBenchmark"
    programs = {
        "lib": Program([BUILT / "lib"]),
        "mimi": Program([ours]),
        "mimi batch": Program([ours], {"BENCH_BATCH": "100", "BENCH_OUTSTANDING": "5"}, roles=("W1", "W1q", "W2")),
    }
    missing = []
    go = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(BUILT / "go-cache")}
    if shutil.which("go") and GO_SOURCES.is_dir() and builds(
        ["go", "build", "-o", BUILT / "amqp091", sources / "amqp091.go"],
        sources / "amqp091.go", BUILT / "amqp091", **go
    ):
        programs["amqp091-go"] = Program([BUILT / "amqp091"])
    else:
        missing.append("amqp091-go (Debian: golang-go golang-github-rabbitmq-amqp091-go-dev)")
    classes = ":".join(map(str, [BUILT, *JARS]))
    if shutil.which("javac") and all(jar.exists() for jar in JARS) and builds(
        ["javac", "-cp", classes, "-d", BUILT, sources / "JavaClient.java"],
        sources / "JavaClient.java", BUILT / "JavaClient.class",
    ):
        programs["java"] = Program(["java", "-cp", classes, "JavaClient"])
    else:
        missing.append("java (Debian: default-jdk-headless librabbitmq-client-java libslf4j-java)")
    python = os.environ.get("MIMI_PYTHON", sys.executable)
    if succeeds(python, "-c", "import pika"):
        programs["pika"] = Program([python, sources / "peer_pika.py"], share=0.4)
    else:
        missing.append("pika (pip install pika; MIMI_PYTHON names the interpreter)")
    if succeeds("ruby", "-e", "require 'bunny'"):
        programs["bunny"] = Program(
            ["ruby", sources / "peer_bunny.rb"], share=0.2, roles=("W1", "W1q", "W2", "W3", "W5", "W6"))
    else:
        missing.append("bunny (Debian: ruby-bunny)")
    return programs, missing

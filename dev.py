"""What a fresh checkout can do with nothing installed but Python: `python3 dev.py demo`, `python3 dev.py test`.

`.venv` beside this file is made equal to a lock, then the asked command takes over. Every download is checked against
a hash in the lock. Not for production: there the wheel goes into an environment made from requirements.lock.

The syntax stays within Python 3.6, so that an old Python gets as far as saying which one is needed.
"""

import hashlib
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

USAGE = """\
用法 / usage: python3 dev.py <命令 / command> [参数 / arguments]
  demo     建好演示街区并试用 / fill a demonstration district and try it
  points   运行 points 程序 / run the points program
  test     运行测试，参数交给 pytest / run the tests, arguments go to pytest
  bench    测量性能，--help 看选项 / measure how fast it is, --help shows the options
  faults   故意弄坏，看账本是否仍对，--help 看选项 / break it on purpose, --help shows the options
  check    代码规范、格式、类型、导入契约 / lint, formatting, types, import contracts
  lock     重新锁定依赖，--upgrade 取新版本 / write the locks anew, --upgrade takes newer versions"""

ROOT = Path(__file__).resolve().parent
RUNTIME_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / "python"
STAMP = VENV / "installed"

# Each worker starts a PostgreSQL of its own: on a machine of many cores that would cost more than the tests. One more
# than there are cores, because tests also wait: for servers, locks and clocks.
TEST_OPTIONS = ("-n", str(min(4, (os.cpu_count() or 1) + 1)))
CHECKS = ("ruff check", "ruff format --check", "mypy", "lint-imports --no-logo")
COMPILE_OPTIONS = (
    "-q --group checkout --universal --python-version 3.11 --generate-hashes "
    "--no-header --no-emit-index-url --annotation-style line"
)
# What pip may be configured with, under the names by which uv reads it.
PIP_TO_UV = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE", "proxy": "ALL_PROXY"}


def main(verb: str = "", *arguments: str) -> int:
    """The verb is carried out; its exit code is returned, or has become this process's own."""
    if verb not in ("demo", "points", "test", "bench", "faults", "check", "lock"):
        is_asked = verb in ("help", "-h", "--help")
        print(USAGE, file=sys.stdout if is_asked else sys.stderr)
        return 0 if is_asked else 2

    install(RUNTIME_LOCK if verb in ("demo", "points") else DEV_LOCK)
    # So that the program can name commands that work when pasted here.
    os.environ["POINTS_CALLED_AS"] = "python3 dev.py points"
    if verb == "demo":
        return become("points", "demo", *arguments)
    if verb == "points":
        return become("points", *arguments)

    os.chdir(ROOT)
    if verb == "test":
        return become("python", "-m", "pytest", *TEST_OPTIONS, *arguments)
    if verb == "bench":
        return become("python", "-m", "tests.benchmarks", *arguments)
    if verb == "faults":
        return become("python", "-m", "tests.faults", *arguments)
    if verb == "check":
        return max([subprocess.call([BIN / tool, *options]) for tool, *options in map(str.split, CHECKS)])
    # The development lock takes its versions from the runtime lock: what is tested is what will run.
    runtime = ["--extra", "parquet", "-o", RUNTIME_LOCK.name]
    for target in (runtime, ["--extra", "parquet", "--extra", "dev", "-c", RUNTIME_LOCK.name, "-o", DEV_LOCK.name]):
        uv("compile", "pyproject.toml", *COMPILE_OPTIONS.split(), *target, *arguments)
    return 0


def install(lock: Path) -> None:
    """`.venv` holds what the lock names and the checkout itself; where it already does, a few hashes show it."""
    if is_installed(lock):
        return
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit("缺少 venv 模块，请先运行 / Python's venv module is missing, run first: apt install python3-venv")

    # Two first runs at once would unpack into each other's files, so the second waits here and finds all done.
    with (ROOT / ".venv.lock").open("w") as guard:
        if os.name == "posix":
            import fcntl

            fcntl.flock(guard, fcntl.LOCK_EX)
        if not is_installed(lock):
            fill(lock)


def fill(lock: Path) -> None:
    print(f"正在安装到 .venv，仅此一次 / installing {lock.name} into .venv, once …", file=sys.stderr)
    place, contents = stamp(lock)
    is_sound = STAMP.exists() and STAMP.read_text().startswith(place) and os.access(PYTHON, os.X_OK)
    # From here to the last line there is no stamp: after an interruption the next run begins with an empty `.venv`.
    STAMP.unlink(missing_ok=True)
    if not is_sound:
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)

    uv_alone = VENV / "uv.txt"
    uv_alone.write_text(re.findall(r"^uv==.*?(?=^\w|\Z)", lock.read_text(), re.MULTILINE | re.DOTALL)[0])
    pip_options = ("-qq", "--no-cache-dir", "--no-deps", "--require-hashes")
    subprocess.run([PYTHON, "-m", "pip", "install", *pip_options, "-r", uv_alone], check=True)
    uv("sync", "-q", "--require-hashes", lock)
    # hatchling comes with the lock, so building the checkout's own metadata downloads nothing.
    uv("install", "-q", "--no-deps", "--no-build-isolation", "--editable", ROOT)
    STAMP.write_text(place + contents)


def stamp(lock: Path) -> "tuple[str, str]":
    """Two hashes: of where the environment stands (a change needs a new one), of what it holds (uv can follow that)."""
    place = sys.version + str(ROOT)
    contents = lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(place.encode()).hexdigest(), hashlib.sha256(contents).hexdigest()


def is_installed(lock: Path) -> bool:
    if not (STAMP.exists() and os.access(PYTHON, os.X_OK)):
        return False
    # The development lock holds all of the runtime lock.
    return STAMP.read_text() in ("".join(stamp(lock)), "".join(stamp(DEV_LOCK)))


def uv(command: str, *arguments: "str | Path") -> None:
    """uv has done its part, with the Python of `.venv` (it may fetch one) and a cache there (a home may be read-only).

    It does not read pip's configuration, so the mirror, certificates and proxy of this place are passed on to it.
    """
    listing = subprocess.check_output([PYTHON, "-m", "pip", "config", "list"], stderr=subprocess.DEVNULL, text=True)
    configured = re.findall(r"\.(index-url|cert|proxy)='(.+)'", listing)
    settings = {PIP_TO_UV[name]: value for name, value in configured}
    settings.update(os.environ, UV_PYTHON=str(PYTHON), UV_CACHE_DIR=str(VENV / "cache"))
    subprocess.run([BIN / "uv", "pip", command, *arguments], check=True, env=settings)


def become(tool: str, *arguments: str) -> int:
    """The tool has taken this process over, so signals and exit codes are its own; Windows cannot, and waits for it."""
    command = [str(BIN / tool), *arguments]
    if os.name == "posix":
        os.execv(command[0], command)
    return subprocess.call(command)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - the project needs 3.11, this line is there for those who have less
        sys.exit(f"需要 Python 3.11 或更高版本 / Python 3.11 or newer is needed; this is {sys.version.split()[0]}")
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except PermissionError as failure:
        sys.exit(f"{failure}\n此目录须可由你写入 / this folder must be writable for you: {ROOT}")
    except subprocess.CalledProcessError:
        sys.exit("未完成，原因见上；再次运行会修复安装 / not done, see above; the next run mends the installation")

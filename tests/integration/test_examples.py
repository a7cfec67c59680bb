"""The examples of README.md do what they say."""

import asyncio
import re
import subprocess
import sys
from pathlib import Path

from tests.server_process import ServerProcess

PAGE = (Path(__file__).parents[2] / "README.md").read_text()


def example(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


async def test_the_python_example_prints_the_words(server: ServerProcess, tmp_path: Path) -> None:
    script = tmp_path / "hello.py"
    script.write_text(example("python").replace("127.0.0.1:8000", f"127.0.0.1:{server.port}"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    lines = output.decode().splitlines()
    assert process.returncode == 0
    assert [line.split()[0] for line in lines[:2]] == ["Hello", "there"]
    assert lines[2].endswith("samples of 16-bit PCM")


def test_speaking_tells_nobody_about_it(tmp_path: Path) -> None:
    """onnxruntime would leave an identity of this machine in the cache folder, and send it."""
    result = subprocess.run(
        [sys.executable, "-m", "lipwire_server", "say", "Hello there."],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "s of speech made" in result.stdout
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []

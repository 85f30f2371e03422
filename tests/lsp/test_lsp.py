"""The language server, asked by a real client over standard input and output."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

RULE = "aws-rds-storage-encrypted"
CODE = 'resource "aws_db_instance" "db" {\n  storage_encrypted = false # 𝄞\n}\n'
TIMEOUT = 60


class Editor:
    """A client and the diagnostics that came last for each file."""

    def __init__(self, client: LanguageClient, folder: Path) -> None:
        self.client, self.folder = client, folder
        self.came: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    async def open(self, name: str, text: str) -> list[types.Diagnostic]:
        item = types.TextDocumentItem(self.uri(name), "terraform", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.diagnostics()

    async def change(self, name: str, text: str, version: int) -> list[types.Diagnostic]:
        whole = types.TextDocumentContentChangeWholeDocument(text)
        identifier = types.VersionedTextDocumentIdentifier(version, self.uri(name))
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [whole]))
        return await self.diagnostics()

    async def diagnostics(self) -> list[types.Diagnostic]:
        """Those of our rule, and notes."""
        found = await asyncio.wait_for(self.came.get(), TIMEOUT)
        return [each for each in found.diagnostics if each.code in (RULE, None)]


@asynccontextmanager
async def editor(folder: Path) -> AsyncIterator[Editor]:
    client = LanguageClient("test", "1")
    made = Editor(client, folder)

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
    def published(params: types.PublishDiagnosticsParams) -> None:
        made.came.put_nowait(params)

    await client.start_io(sys.executable, "-m", "compliance_scan", "lsp")
    await client.initialize_async(
        types.InitializeParams(types.ClientCapabilities(), root_uri=folder.as_uri(), process_id=None)
    )
    client.initialized(types.InitializedParams())
    try:
        yield made
    finally:
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()  # type: ignore[no-untyped-call]


def with_editor(folder: Path, act: Callable[[Editor], Awaitable[None]]) -> None:
    async def run() -> None:
        async with editor(folder) as made:
            await act(made)

    asyncio.run(run())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


def test_findings_come_and_go_as_one_types(folder: Path) -> None:
    (folder / "main.tf").write_text(CODE)

    async def act(made: Editor) -> None:
        [found] = await made.open("main.tf", CODE)
        assert found.severity == types.DiagnosticSeverity.Error
        assert found.message == "storage_encrypted is false, expected true"
        assert (found.range.start.line, found.range.start.character) == (1, 2)
        assert await made.change("main.tf", CODE.replace("false", "true"), 2) == []
        assert (folder / "main.tf").read_text() == CODE
        broken = await made.change("main.tf", CODE + "resource {", 3)
        assert [note.range.start.line for note in broken if note.code is None] == [3]

    with_editor(folder, act)


def test_hover_says_why_and_the_action_mends(folder: Path) -> None:
    (folder / "main.tf").write_text(CODE)

    async def act(made: Editor) -> None:
        [found] = await made.open("main.tf", CODE)
        document = types.TextDocumentIdentifier(made.uri("main.tf"))
        hover = await made.client.text_document_hover_async(types.HoverParams(document, types.Position(1, 5)))
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert "RDS instances encrypt their storage" in hover.contents.value
        nothing = await made.client.text_document_hover_async(types.HoverParams(document, types.Position(2, 0)))
        assert nothing is None
        asked = types.CodeActionParams(document, found.range, types.CodeActionContext([found]))
        actions: Any = await made.client.text_document_code_action_async(asked)
        [action] = actions
        assert action.title == "Set storage_encrypted = true"
        [edit] = action.edit.changes[document.uri]
        assert (edit.range.start.line, edit.new_text) == (1, "true")

    with_editor(folder, act)


def test_a_module_is_judged_in_the_light_of_its_caller(folder: Path) -> None:
    (folder / "db").mkdir()
    (folder / "main.tf").write_text('module "db" {\n  source = "./db"\n  on     = false\n}\n')
    text = 'variable "on" {}\nresource "aws_db_instance" "db" {\n  storage_encrypted = var.on\n}\n'
    (folder / "db" / "main.tf").write_text(text)

    async def act(made: Editor) -> None:
        [found] = await made.open("db/main.tf", text)
        assert found.range.start.line == 2

    with_editor(folder, act)

"""The server over standard input and output, by pygls. One look at a file at a time, in a thread of its own."""

import asyncio
import logging
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from compliance_scan import __version__
from compliance_scan.lsp.analysis import Analysis

if TYPE_CHECKING:
    from pygls.workspace import TextDocument

    from compliance_scan.model.report import ReportFinding

SOURCE = "compliance-scan"
WAIT = 0.25
"""Seconds of silence before a text that is being typed is looked at."""
SEVERITIES = {
    "critical": types.DiagnosticSeverity.Error,
    "high": types.DiagnosticSeverity.Error,
    "medium": types.DiagnosticSeverity.Warning,
    "low": types.DiagnosticSeverity.Information,
    "info": types.DiagnosticSeverity.Hint,
}
log = logging.getLogger(__name__)


class Server(LanguageServer):
    """The state of one editor."""

    def __init__(self) -> None:
        super().__init__(SOURCE, f"v{__version__}")
        self.looks: dict[str, Analysis] = {}
        self.waiting: dict[str, asyncio.Task[None]] = {}
        self.turn = asyncio.Lock()

    def later(self, uri: str, wait: float = WAIT) -> None:
        """Looks at a file after a while; what was waiting for the same file is dropped."""
        before = self.waiting.pop(uri, None)
        if before is not None:
            before.cancel()
        self.waiting[uri] = asyncio.get_running_loop().create_task(self._look(uri, wait))

    async def _look(self, uri: str, wait: float) -> None:
        await asyncio.sleep(wait)
        document = self.workspace.get_text_document(uri)
        texts = {each.path: each.source.encode() for each in self.workspace.text_documents.values() if each.path}
        async with self.turn:
            try:
                look = await asyncio.to_thread(Analysis(document.path, texts).run)
            except Exception:  # noqa: BLE001, RUF100 - the boundary of one file: the editor goes on, and is told
                log.exception("%s could not be looked at", uri)
                self.window_log_message(
                    types.LogMessageParams(types.MessageType.Error, f"{SOURCE} could not judge {document.path}")
                )
                return
        self.looks[uri] = look
        found = [*_notes(look), *(_diagnostic(each, document) for each in look.findings)]
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, document.version))


def _notes(look: Analysis) -> list[types.Diagnostic]:
    return [
        types.Diagnostic(
            types.Range(types.Position(note.line - 1, 0), types.Position(note.line - 1, 1000)),
            note.message,
            types.DiagnosticSeverity.Error,
            source=SOURCE,
        )
        for note in look.notes
    ]


def _range(line: int, column: int, end_line: int, end_column: int, document: "TextDocument") -> types.Range:
    """Our lines and columns (from 1, in characters) as the editor counts them."""
    start, end = types.Position(line - 1, column - 1), types.Position(end_line - 1, end_column - 1)
    return document.position_codec.range_to_client_units(document.lines, types.Range(start, end))


def _diagnostic(finding: "ReportFinding", document: "TextDocument") -> types.Diagnostic:
    place = finding["location"]
    assert place is not None
    return types.Diagnostic(
        _range(place["line"], place["column"], place["end_line"], place["end_column"], document),
        finding["message"] or finding["rule"],
        SEVERITIES[finding["severity"]],
        finding["rule"],
        source=SOURCE,
        data=finding["fingerprint"],
    )


def make() -> Server:
    """The server with all that it answers."""
    server = Server()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.later(params.text_document.uri, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        server.later(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.later(params.text_document.uri, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.looks.pop(uri, None)
        waiting = server.waiting.pop(uri, None)
        if waiting is not None:
            waiting.cancel()
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        return _hover(server, params)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
    )
    async def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await _actions(server, params)

    return server


def _hover(server: Server, params: types.HoverParams) -> types.Hover | None:
    uri = params.text_document.uri
    look = server.looks.get(uri)
    if look is None or look.report is None:
        return None
    document, told = server.workspace.get_text_document(uri), []
    for finding in look.findings:
        span = _diagnostic(finding, document).range
        if span.start <= params.position <= span.end:
            rule = look.report["rules"][finding["rule"]]
            controls = "; ".join(f"{name} {', '.join(found)}" for name, found in finding["controls"].items())
            told.append(
                f"**{rule['title']}** ({finding['severity']}, `{finding['rule']}`)\n\n{rule['why']}\n\n{rule['fix']}"
                + (f"\n\nControls: {controls}" if controls else "")
            )
    if not told:
        return None
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, "\n\n---\n\n".join(told)))


async def _actions(server: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    uri = params.text_document.uri
    look = server.looks.get(uri)
    found: list[types.CodeAction] = []
    if look is None:
        return found
    document = server.workspace.get_text_document(uri)
    for diagnostic in params.context.diagnostics:
        if diagnostic.source != SOURCE or not isinstance(diagnostic.data, str) or not look.finding(diagnostic.data):
            continue
        async with server.turn:
            made = await asyncio.to_thread(look.fix, diagnostic.data)
        if made is None:
            continue
        title, edits = made
        changes: dict[str, list[types.TextEdit]] = {}
        for edit in edits:
            span, folder = edit.span, document.uri.removesuffix(look.file)
            other = server.workspace.get_text_document(folder + span.file)
            place = _range(span.line, span.column, span.end_line, span.end_column, other)
            changes.setdefault(other.uri, []).append(types.TextEdit(place, edit.text))
        found.append(
            types.CodeAction(
                title,
                types.CodeActionKind.QuickFix,
                diagnostics=[diagnostic],
                is_preferred=True,
                edit=types.WorkspaceEdit(changes=changes),
            )
        )
    return found

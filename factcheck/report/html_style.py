"""The style sheet of the HTML page: light or dark as the reader's system is, and fit for print."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark;
  --ink: #1c1e21; --quiet: #5f6670; --paper: #fff; --line: #e2e5e9; --mark: #fff3c4;
  --SUPPORTED: #1a7f4b; --REFUTED: #b3261e; --CONFLICTING: #8a6100; --NOT_ENOUGH_INFO: #3b5bab; }
@media (prefers-color-scheme: dark) { :root {
  --ink: #e4e6ea; --quiet: #9aa1ab; --paper: #16181b; --line: #33373d; --mark: #4a4018;
  --SUPPORTED: #5cc98d; --REFUTED: #f2857d; --CONFLICTING: #e0b04a; --NOT_ENOUGH_INFO: #8fabf0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0; } header p { margin: .25rem 0 1.5rem; color: var(--quiet); }
h2 { font-size: 1.3rem; line-height: 1.3; margin: .15rem 0 .75rem; }
h3 { font-size: .95rem; margin: 1.25rem 0 .4rem; }
a { color: inherit; text-decoration-color: var(--quiet); text-underline-offset: .15em; }
article { padding: 1.5rem 0; border-top: 1px solid var(--line); } article:first-child { border-top: 0; }
.verdict { margin: 0; color: var(--quiet); } .verdict strong { letter-spacing: .02em; }
.SUPPORTED .verdict strong, .SUPPORTS h3 { color: var(--SUPPORTED); }
.REFUTED .verdict strong, .REFUTES h3 { color: var(--REFUTED); }
.CONFLICTING .verdict strong { color: var(--CONFLICTING); }
.NOT_ENOUGH_INFO .verdict strong, .NEUTRAL h3 { color: var(--NOT_ENOUGH_INFO); }
.summary { margin: 0; max-width: 44rem; } .summary a { text-decoration: none; color: var(--quiet); }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 0 2.5rem; }
figure { margin: 0 0 1rem; max-width: 44rem; } figcaption, .detail { color: var(--quiet); font-size: .9rem; }
blockquote { margin: .2rem 0; padding-left: .8rem; border-left: 2px solid var(--line); }
mark { background: var(--mark); color: inherit; padding: .05em 0; }
.detail { margin: .1rem 0; } figure .detail { padding-left: .9rem; }
.sources { list-style: none; margin: 0; padding: 0; font-size: .95rem; } .sources b { font-weight: 600; }
figure:target { outline: 2px solid var(--quiet); outline-offset: .4rem; }
.filter { border: 0; margin: 0 0 .5rem; padding: 0; display: flex; flex-wrap: wrap; gap: .4rem; }
.filter legend { position: absolute; clip-path: inset(50%); }
.filter input { position: absolute; opacity: 0; }
.filter label { border: 1px solid var(--line); border-radius: 1rem; padding: .15rem .8rem; font-size: .9rem;
  color: var(--quiet); cursor: pointer; }
.filter input:checked + label { color: var(--ink); border-color: var(--ink); }
.filter input:focus-visible + label { outline: 2px solid var(--quiet); outline-offset: 2px; }
body:has(#show-SUPPORTED:checked) article:not(.SUPPORTED),
body:has(#show-REFUTED:checked) article:not(.REFUTED),
body:has(#show-CONFLICTING:checked) article:not(.CONFLICTING),
body:has(#show-NOT_ENOUGH_INFO:checked) article:not(.NOT_ENOUGH_INFO) { display: none; }
@media print { .filter { display: none; } body { padding: 0; } figure, h2, h3 { break-inside: avoid; }
  h2, h3 { break-after: avoid; } .sources a::after { content: " <" attr(href) ">"; color: var(--quiet); } }
"""

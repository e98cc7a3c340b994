// Rendering: what was judged, as text: for a terminal, a program, a page, a monitoring plugin's host.
//
// Every function here makes text from values and does nothing else: no clock, no file, no environment; whether
// there is colour and how wide the terminal is comes in as a ``Look``. Text that came from outside passes
// through ``Escaping`` on its way out.
//
// Left out: deciding (Judgement), metrics (Server renders the ledger), and reading JSON.

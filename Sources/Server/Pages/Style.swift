/// The style sheet of the pages.
enum Style {
    static let sheet = """
        :root {
          color-scheme: light dark;
          --ground: #f7f7f5; --paper: #ffffff; --ink: #1c1f23; --soft: #646b75; --line: #e3e4e1;
          --pass: #1a7f4b; --fail: #c0352b; --unknown: #7a4fc0; --warning: #a3690b; --waiting: #8b929c;
          --notice: #2a6fb0; --pass-soft: #e4f4ea; --fail-soft: #fbe7e5; --unknown-soft: #efe8fa;
          --warning-soft: #faf0dc; --waiting-soft: #eceded; --notice-soft: #e4eff9;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #14171a; --paper: #1c2024; --ink: #e6e8ea; --soft: #9aa2ac; --line: #2d3339;
            --pass: #58c98b; --fail: #f2857b; --unknown: #b99af0; --warning: #e0b060; --waiting: #858d97;
            --notice: #7ab8ee; --pass-soft: #17352a; --fail-soft: #40211f; --unknown-soft: #2e2644;
            --warning-soft: #3a2e18; --waiting-soft: #2a2f34; --notice-soft: #1b3146;
          }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
        header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem;
          max-width: 76rem; margin: 0 auto; padding: 1.1rem 1.25rem .3rem; }
        main { max-width: 76rem; margin: 0 auto; padding: .4rem 1.25rem 3rem; }
        a { color: inherit; text-decoration-color: var(--line); text-underline-offset: .2em; }
        a:hover { text-decoration-color: currentColor; }
        .brand { font-weight: 700; font-size: 1.15rem; text-decoration: none; letter-spacing: -.01em; }
        nav a { color: var(--soft); margin-left: 1rem; }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: .3rem 0 1rem; overflow-wrap: anywhere; }
        h1 .state { font-size: 1rem; vertical-align: middle; margin-left: .4rem; }
        h2 { font-size: 1.05rem; margin: 1.6rem 0 .6rem; }
        code { font: .88em ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
        .tiles { display: flex; flex-wrap: wrap; gap: .75rem; list-style: none; padding: 0; margin: .6rem 0 1.2rem; }
        .tiles li { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; color: var(--soft);
          padding: .6rem 1.1rem .7rem; min-width: 8.5rem; }
        .tiles strong { display: block; font-size: 1.7rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
        .tiles .fail strong { color: var(--fail); } .tiles .unknown strong { color: var(--unknown); }
        .tiles .pass strong { color: var(--pass); } .tiles .waiting strong { color: var(--waiting); }
        .tiles .zero strong { color: var(--soft); font-weight: 400; }
        .scroll { overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; padding: .55rem .9rem; vertical-align: middle; }
        th { color: var(--soft); font-weight: 500; font-size: .85rem; white-space: nowrap; }
        tbody tr { border-top: 1px solid var(--line); }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .probes td:nth-child(4), .probes td:nth-child(1), .probes td:nth-child(3) { white-space: nowrap; }
        td.name { min-width: 11rem; }
        .name a { font-weight: 600; }
        .name small { display: block; color: var(--soft); }
        .state { display: inline-block; white-space: nowrap; font-weight: 600; font-size: .88rem; border-radius: 1rem;
          padding: .08rem .65rem .12rem; background: var(--waiting-soft); color: var(--waiting); }
        .state.pass { background: var(--pass-soft); color: var(--pass); }
        .state.fail { background: var(--fail-soft); color: var(--fail); }
        .state.unknown { background: var(--unknown-soft); color: var(--unknown); }
        .running { color: var(--soft); font-style: italic; }
        .chip { display: inline-block; white-space: nowrap; font-size: .82rem; font-weight: 600; border-radius: .35rem;
          padding: .05rem .45rem .1rem; background: var(--waiting-soft); color: var(--soft); }
        .chip.critical, .chip.error { background: var(--fail-soft); color: var(--fail); }
        .chip.warning { background: var(--warning-soft); color: var(--warning); }
        .chip.notice { background: var(--notice-soft); color: var(--notice); }
        .bars { display: block; } td.bars, th.bars { display: table-cell; }
        .bars .pass { fill: var(--pass); } .bars .fail { fill: var(--fail); } .bars .unknown { fill: var(--unknown); }
        .bars .none { fill: var(--line); } .bars .hop { fill: var(--notice); }
        .card ul { margin: .4rem 0; padding-left: 1.2rem; } .card ul:empty { display: none; } td small { color: var(--soft); }
        .facts { display: flex; flex-wrap: wrap; gap: .4rem 2.2rem; margin: 0 0 1rem; }
        .facts dt { color: var(--soft); font-size: .85rem; } .facts dd { margin: 0; overflow-wrap: anywhere; }
        .card { background: var(--paper); border: 1px solid var(--line); border-left: .3rem solid var(--waiting);
          border-radius: .5rem; padding: .8rem 1.1rem; margin: .8rem 0; }
        .card h2 { margin: 0 0 .3rem; font-size: 1.02rem; overflow-wrap: anywhere; } .card p { margin: .35rem 0; }
        .card.fail, .card.error, .card.critical { border-left-color: var(--fail); }
        .card.warning { border-left-color: var(--warning); } .card.notice { border-left-color: var(--notice); }
        .about { color: var(--soft); font-size: .9rem; overflow-wrap: anywhere; } .remedy { white-space: pre-line; }
        details { margin: 1.2rem 0; } summary { font-weight: 600; cursor: pointer; margin-bottom: .6rem; }
        .passed { columns: 2 24rem; padding: 0; list-style: none; margin: 0; } .passed li { padding: .12rem 0; }
        .passed code, .path, footer, .empty { color: var(--soft); }
        .path { margin: .2rem 0; font-size: .9rem; }
        @media (max-width: 46rem) {
          .probes th:nth-child(3), .probes td:nth-child(3), .probes .bars { display: none; }
          th, td { padding: .5rem .6rem; } td.name { min-width: 8rem; overflow-wrap: anywhere; }
          .tiles li { min-width: 7rem; flex: 1; }
        }
        footer { margin-top: 1.5rem; font-size: .88rem; }
        """
}

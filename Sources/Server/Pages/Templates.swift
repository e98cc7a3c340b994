internal import Mustache

/// The pages' HTML. Values are written as they are: see ``html(_:limit:)``. No script, nothing from elsewhere.
enum Templates {
    static let overview = try? MustacheTemplate(string: page(title: "Probes", refresh: true, overviewBody))
    static let probe = try? MustacheTemplate(string: page(title: "{{{name}}}", refresh: true, probeBody))
    static let missing = try? MustacheTemplate(
        string: page(
            title: "No such probe", refresh: false,
            "<h1>No such probe</h1>\n<p>It may have left the configuration. <a href=\"/\">All probes</a></p>"))

    private static func page(title: String, refresh: Bool, _ body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        \(refresh ? "<meta http-equiv=\"refresh\" content=\"30\">" : "")
        <title>\(title) · mailsonde</title>
        <link rel="stylesheet" href="/style.css">
        </head>
        <body>
        <header><a class="brand" href="/">mailsonde</a>
        <nav><a href="/metrics">metrics</a> <a href="/api/v1/probes">API</a> <a href="/targets">targets</a></nav></header>
        <main>
        \(body)
        </main>
        </body>
        </html>

        """
    }

    private static let overviewBody = """
        <ul class="tiles">
        {{#tiles}}
        <li class="{{{css}}}"><strong>{{{count}}}</strong> {{{word}}}</li>
        {{/tiles}}
        </ul>
        {{#hasProbes}}
        <div class="scroll">
        <table class="probes">
        <thead><tr><th>State</th><th>Probe</th><th>Kind</th><th>Last run</th><th class="number">Took</th>\
        <th>Findings</th><th class="bars">Last runs</th></tr></thead>
        <tbody>
        {{#probes}}
        <tr>
        <td><span class="state {{{css}}}"><span aria-hidden="true">{{{symbol}}}</span> {{{word}}}</span></td>
        <td class="name"><a href="/probes/{{{path}}}">{{{name}}}</a>{{#target}}<small>{{{target}}}</small>{{/target}}</td>
        <td>{{{kind}}}</td>
        <td>{{#running}}<span class="running">running</span>{{/running}}{{^running}}\
        {{#when}}<time datetime="{{{at}}}" title="{{{at}}}">{{{when}}}</time>{{/when}}{{^when}}–{{/when}}{{/running}}</td>
        <td class="number">{{{duration}}}</td>
        <td>{{#findings}}<span class="chip {{{css}}}">{{{text}}}</span> {{/findings}}\
        {{#reason}}<code>{{{reason}}}</code>{{/reason}}</td>
        <td class="bars">{{{bars}}}</td>
        </tr>
        {{/probes}}
        </tbody>
        </table>
        </div>
        {{/hasProbes}}
        {{^hasProbes}}
        <p class="empty">Nothing is configured to be probed. <code>mailsonde config example</code> shows how.</p>
        {{/hasProbes}}
        <footer>as of {{{now}}}</footer>
        """

    private static let probeBody = """
        <p class="path"><a href="/">All probes</a></p>
        <h1>{{{name}}} <span class="state {{{css}}}"><span aria-hidden="true">{{{symbol}}}</span> {{{word}}}</span></h1>
        <dl class="facts">
        {{#facts}}
        <div><dt>{{{key}}}</dt><dd>{{{value}}}</dd></div>
        {{/facts}}
        </dl>
        <p>{{{bars}}}</p>
        {{#failure}}
        <section class="card fail">
        <h2><code>{{{cause}}}</code></h2>
        <p>{{{meaning}}}</p>
        {{#detail}}<p><code>{{{detail}}}</code></p>{{/detail}}
        {{#remedy}}<p class="remedy">{{{remedy}}}</p>{{/remedy}}
        </section>
        {{/failure}}
        {{#trips}}
        <h2>The message</h2>
        <dl class="facts">
        {{#facts}}
        <div><dt>{{{key}}}</dt><dd>{{{value}}}</dd></div>
        {{/facts}}
        </dl>
        {{#hasHops}}
        <div class="scroll">
        <table>
        <thead><tr><th>Hop</th><th>From</th><th>By</th><th>How</th><th class="number">Delay</th><th></th></tr></thead>
        <tbody>
        {{#hops}}
        <tr><td>{{{role}}}</td><td>{{{from}}}</td><td>{{{by}}}</td><td>{{{how}}}</td>\
        <td class="number">{{{delay}}}</td><td>{{{bar}}}{{#explanation}}<small>{{{explanation}}}</small>{{/explanation}}</td></tr>
        {{/hops}}
        </tbody>
        </table>
        </div>
        {{/hasHops}}
        {{/trips}}
        {{#hasReport}}
        {{#findings}}
        <section class="card {{{css}}}">
        <h2><span class="chip {{{css}}}">{{{severity}}}</span> {{{headline}}}</h2>
        <p class="about"><code>{{{check}}}</code>{{#subject}} · {{{subject}}}{{/subject}}{{#reference}} · {{{reference}}}\
        {{/reference}}</p>
        <ul>{{#places}}<li>{{{summary}}}</li>{{/places}}</ul>
        {{#remedy}}<p class="remedy">{{{remedy}}}</p>{{/remedy}}
        </section>
        {{/findings}}
        {{#hasUnknown}}
        <details open>
        <summary>Could not be told</summary>
        <div class="scroll">
        <table>
        <thead><tr><th>Check</th><th>Subject</th><th>Cause</th></tr></thead>
        <tbody>
        {{#unknown}}
        <tr><td><code>{{{check}}}</code></td><td>{{{subject}}}</td><td><code>{{{cause}}}</code> {{{detail}}}</td></tr>
        {{/unknown}}
        </tbody>
        </table>
        </div>
        </details>
        {{/hasUnknown}}
        {{#hasPassed}}
        <details>
        <summary>{{{passedCount}}} passed</summary>
        <ul class="passed">
        {{#passed}}
        <li><span class="state pass" aria-hidden="true">✓</span> {{{title}}} <code>{{{check}}}</code></li>
        {{/passed}}
        </ul>
        </details>
        {{/hasPassed}}
        {{#hasPorts}}
        <details open>
        <summary>Ports</summary>
        <div class="scroll">
        <table>
        <thead><tr><th>State</th><th>Service</th><th>Host</th><th>Address</th><th>TLS</th><th>Certificate</th>\
        <th class="number">Took</th></tr></thead>
        <tbody>
        {{#ports}}
        <tr><td><span class="state {{{css}}}">{{{state}}}</span></td><td>{{{service}}}</td><td>{{{host}}}</td>\
        <td><code>{{{address}}}</code> {{{port}}}</td><td>{{{tls}}}</td><td>{{{certificate}}}</td>\
        <td class="number">{{{seconds}}}</td></tr>
        {{/ports}}
        </tbody>
        </table>
        </div>
        </details>
        {{/hasPorts}}
        {{/hasReport}}
        {{^hasReport}}
        <p class="empty">This probe has not run since the start.</p>
        {{/hasReport}}
        {{#hasEntries}}
        <details open>
        <summary>History</summary>
        <div class="scroll">
        <table>
        <thead><tr><th>State</th><th>Run</th><th></th><th class="number">Took</th><th>Reason</th></tr></thead>
        <tbody>
        {{#entries}}
        <tr><td><span class="state {{{css}}}"><span aria-hidden="true">{{{symbol}}}</span> {{{word}}}</span></td>\
        <td>{{{at}}}</td><td>{{{when}}}</td><td class="number">{{{duration}}}</td><td><code>{{{reason}}}</code></td></tr>
        {{/entries}}
        </tbody>
        </table>
        </div>
        </details>
        {{/hasEntries}}
        <footer>as of {{{now}}} · <a href="/api/v1/reports/{{{path}}}">report as JSON</a> · \
        <a href="/api/v1/history/{{{path}}}">history as JSON</a></footer>
        """
}

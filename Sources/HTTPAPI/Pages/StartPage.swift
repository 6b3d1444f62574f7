// SPDX-License-Identifier: Apache-2.0

/// The page at `/`: ask or search one snapshot, and read the sources.
enum StartPage {
  static func page(_ words: PageWords) -> Page {
    Page(
      title: "Nenrin", language: words.language, style: style, script: script, body: Array(body(words).utf8),
      connects: true)
  }

  private static func body(_ words: PageWords) -> String {
    """
    <main>
    <header>
    <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" fill="none" stroke="currentColor">
    <circle cx="16" cy="16" r="14"/><circle cx="15" cy="16" r="10"/><circle cx="15" cy="17" r="6"/>
    <circle cx="14" cy="17" r="2"/></svg>
    <h1>Nenrin <span lang="ja">年輪</span></h1>
    </header>
    <form id="form">
    <label for="question" class="hidden">\(words.question)</label>
    <input id="question" name="question" autocomplete="off" autofocus required
      placeholder="\(words.questionHint)">
    <div class="row">
    <label>\(words.snapshot) <select id="snapshot" name="snapshot"></select></label>
    <button type="submit" value="ask">\(words.ask)</button>
    <button type="submit" value="search">\(words.search)</button>
    </div>
    </form>
    <p id="status" role="status" aria-live="polite" data-found="\(words.found)" data-nothing="\(words.nothingFound)"
      data-unindexed="\(words.nothingIndexed): nenrin index SOURCE REVISION"></p>
    <section id="answer" aria-live="polite"></section>
    <ol id="results"></ol>
    <p><a href="/compare">\(words.compareSnapshots)</a></p>
    <details><summary>\(words.snapshots)</summary><table id="snapshots"><thead><tr>
    <th>\(words.snapshot)</th><th>\(words.commitHeading)</th><th>\(words.date)</th><th>\(words.files)</th><th>\(words.chunks)</th></tr></thead><tbody></tbody></table></details>
    </main>
    """
  }

  private static let style = """
    main { max-width: 56rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
    header { display: flex; gap: .6rem; align-items: center; color: var(--accent); }
    h1 { font-size: 1.4rem; margin: 0; color: var(--ink); } h1 span { color: var(--soft); font-weight: 400; }
    form { margin: 1rem 0; }
    input, select, button { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line);
      border-radius: .4rem; padding: .5rem .7rem; max-width: 100%; }
    input { width: 100%; } button { cursor: pointer; background: var(--panel); }
    button[value=ask] { background: var(--accent); border-color: var(--accent); color: var(--ground); }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
    .row { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .5rem; align-items: center; }
    .row label { flex: 1; }
    .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    #status { color: var(--soft); min-height: 1.5em; } #status.bad { color: #c0392b; }
    pre { background: var(--panel); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .8rem;
      overflow-x: auto; tab-size: 8; margin: .4rem 0 1rem; }
    code { overflow-wrap: anywhere; } .place { color: var(--soft); font-size: .85rem; }
    table { border-collapse: collapse; width: 100%; font-size: .85rem; }
    th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid var(--line); }
    details { margin-top: 2rem; overflow-x: auto; }

    """

  /// Every piece of text goes in through `textContent`; nothing that a server or a source file says becomes markup.
  private static let script = #"""
    const byId = id => document.getElementById(id);
    const words = byId('status').dataset;
    const make = (tag, text, parent, className) => {
      const element = document.createElement(tag);
      if (text) element.textContent = text;
      if (className) element.className = className;
      if (parent) parent.append(element);
      return element;
    };
    const say = (text, bad) => { byId('status').textContent = text; byId('status').className = bad ? 'bad' : ''; };
    const link = (snapshot, passage) => '/source/' + encodeURIComponent(snapshot.collection) + '@' +
      encodeURIComponent(snapshot.revision) + '/' + passage.path.split('/').map(encodeURIComponent).join('/') +
      '#L' + passage.start_line + '-L' + passage.end_line;
    let running = null;

    async function call(path, body) {
      if (running) running.abort();
      running = new AbortController();
      const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body), signal: running.signal });
      if (!answer.ok) throw new Error((await answer.json()).error.message);
      return answer;
    }

    async function search(question, at) {
      const result = await (await call('/api/search', { query: question, at, k: 10 })).json();
      say(result.files.length ? words.found.replace('{files}', result.files.length)
        .replace('{time}', Math.round(result.elapsed_ms)) : words.nothing);
      for (const passage of result.passages) {
        const item = make('li', '', byId('results'));
        const anchor = make('a', passage.path, item);
        anchor.href = link(result.snapshot, passage);
        make('span', ' ' + passage.start_line + '–' + passage.end_line + (passage.symbol ? ' · ' + passage.symbol : ''),
          item, 'place');
        make('pre', passage.text.split('\n').slice(0, 12).join('\n'), item);
      }
    }

    async function ask(question, model) {
      const answer = await call('/v1/chat/completions', { model, stream: true, messages: [{ role: 'user', content: question }] });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let buffer = '', text = '', links = {};
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        buffer += value;
        const lines = buffer.split('\n\n');
        buffer = lines.pop();
        for (const line of lines) {
          if (!line.startsWith('data: {')) continue;
          const data = JSON.parse(line.slice(6));
          if (data.error) throw new Error(data.error.message);
          const delta = data.choices && data.choices[0] ? data.choices[0].delta : {};
          if (delta.content) text += delta.content;
          for (const note of delta.annotations || []) {
            const mark = Array.from(text).slice(note.url_citation.start_index, note.url_citation.end_index).join('');
            links[mark] = note.url_citation.url;
          }
          render(text, links);
        }
      }
      say('');
    }

    function render(text, links) {
      const root = byId('answer');
      root.replaceChildren();
      text.split(/^(`{3,})[^\n]*\n([\s\S]*?)(?:^\1$|$(?![\s\S]))/m).forEach((part, index) => {
        if (index % 3 === 1) return;
        if (index % 3 === 2) { make('pre', part.replace(/\n$/, ''), root); return; }
        for (const paragraph of part.split(/\n{2,}/)) {
          if (!paragraph.trim()) continue;
          const element = make('p', '', root);
          for (const piece of paragraph.split(/(`[^`]+`|\[\d+\]|\*\*)/)) {
            if (!piece || piece === '**') continue;
            if (piece[0] === '`') make('code', piece.slice(1, -1), element);
            else if (links[piece]) make('a', piece, element).href = links[piece];
            else element.append(piece);
          }
        }
      });
    }

    byId('form').addEventListener('submit', async event => {
      event.preventDefault();
      const question = byId('question').value, at = byId('snapshot').value;
      byId('answer').replaceChildren();
      byId('results').replaceChildren();
      say('…');
      try {
        await (event.submitter && event.submitter.value === 'search' ? search : ask)(question, at);
      } catch (error) {
        if (error.name !== 'AbortError') say(error.message, true);
      }
    });

    (async () => {
      try {
        const answer = await fetch('/api/snapshots');
        if (!answer.ok) throw new Error((await answer.json()).error.message);
        for (const snapshot of await answer.json()) {
          const name = snapshot.collection + '@' + snapshot.revision;
          const option = make('option', name, byId('snapshot'));
          option.value = name;
          const row = make('tr', '', byId('snapshots').tBodies[0]);
          for (const cell of [name, snapshot.commit.slice(0, 12), snapshot.date.slice(0, 10), snapshot.files,
            snapshot.chunks]) make('td', String(cell), row);
        }
        if (!byId('snapshot').options.length) say(words.unindexed, true);
      } catch (error) { say(error.message, true); }
    })();

    """#
}

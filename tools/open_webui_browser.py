# SPDX-License-Identifier: Apache-2.0
"""A person at Open WebUI, in headless Chromium: what is clicked, what is typed and what must then be seen."""

import re

# Notes what the newest answer and the status above it show, as they show it.
WATCH = """() => {
  window.seen = {texts: [], statuses: []};
  const note = () => {
    const answer = [...document.querySelectorAll('.chat-assistant')].at(-1);
    if (!answer) return;
    const text = answer.querySelector('#response-content-container')?.innerText ?? '';
    const status = answer.innerText.split('\\n')[0];
    const {texts, statuses} = window.seen;
    if (texts.at(-1) !== text) texts.push(text);
    if (statuses.at(-1) !== status) statuses.push(status);
  };
  new MutationObserver(note).observe(document.body, {childList: true, subtree: true, characterData: true});
}"""


class Person:
    """One chat after the other in one browser window."""

    def __init__(self, browser, url, checks, shots, patience):
        """`patience`: seconds that an answer may take."""
        self.context = browser.new_context(viewport={"width": 1180, "height": 860}, locale="ja-JP")
        self.page = self.context.new_page()
        self.url, self.checks, self.shots, self.patience = url, checks, shots, patience

    def shot(self, name, page=None):
        if self.shots:
            self.shots.mkdir(parents=True, exist_ok=True)
            self.page.mouse.move(0, 0)
            (page or self.page).screenshot(path=self.shots / f"{name}.png")

    def new_chat(self, model, shot=None):
        """Opens a chat and picks the model in the list, as a person does."""
        page = self.page
        page.goto(self.url)
        page.wait_for_selector("#chat-input", timeout=120_000)
        page.wait_for_timeout(2_500)
        page.keyboard.press("Escape")  # the release notes
        page.wait_for_timeout(500)
        page.click("#model-selector-model-button")
        page.wait_for_selector(f"[data-value='{model}']", timeout=15_000)
        models = page.locator("[data-value]").evaluate_all("list => list.map(one => one.dataset.value)")
        if shot:
            page.wait_for_timeout(600)
            self.shot(shot)
        page.click(f"[data-value='{model}']")
        page.wait_for_timeout(600)
        return models

    def ask(self, question, shot=None):
        """Asks and waits until the answer is whole; gives what was seen on the way."""
        page = self.page
        page.evaluate(WATCH)
        before = page.locator(".chat-assistant").count()
        page.fill("#chat-input", question)
        page.keyboard.press("Enter")
        page.wait_for_function("count => document.querySelectorAll('.chat-assistant').length > count", arg=before)
        if shot:
            page.wait_for_function("() => (window.seen.texts.at(-1) ?? '').length > 60", timeout=120_000)
            self.shot(shot)
        page.locator("[id^='speak-button-']").nth(before).wait_for(state="attached", timeout=self.patience * 1_000)
        page.wait_for_timeout(400)
        return page.evaluate("() => window.seen")

    def answer(self):
        return self.page.locator(".chat-assistant").last

    def chips(self):
        return self.answer().locator("#response-content-container button[aria-label^='ソースを表示']")

    def sources(self):
        return self.answer().locator("button[aria-label*='件のソース']")

    def chat_record(self):
        """The chat as Open WebUI keeps it."""
        number = self.page.url.rsplit("/", 1)[-1]
        return self.page.evaluate(
            """async number => await (await fetch('/api/v1/chats/' + number,
              {headers: {Authorization: 'Bearer ' + localStorage.token}})).json()""", number)

    def check_answer(self, seen, gold, name):
        hold, text = self.checks.hold, self.answer().inner_text()
        hold(any("検索しています" in status for status in seen["statuses"]), f"{name}: a status while it searches")
        hold(any("見つかりました" in status for status in seen["statuses"]), f"{name}: a status with what was found")
        grown = sum(1 for before, after in zip(seen["texts"], seen["texts"][1:]) if len(after) > len(before))
        hold(grown >= 3, f"{name}: the text comes in pieces ({grown} seen)")
        hold(all(path in text for path in gold), f"{name}: the answer names {' and '.join(gold)}")
        hold(self.chips().count() > 0, f"{name}: {self.chips().count()} chips lead to sources")
        hold(self.sources().count() == 1, f"{name}: {self.sources().inner_text()}")
        hold("mailto:" not in self.answer().inner_html(), f"{name}: no name is taken for an address of mail")
        labels = [chip.inner_text() for chip in self.chips().all()]
        hold(all("..." not in label for label in labels), f"{name}: chips are readable ({labels[0] if labels else ''})")

    def check_citation(self, path, name, shots):
        """Opens a chip, follows both of its links and looks whether the cited lines are marked."""
        hold, page = self.checks.hold, self.page
        self.chips().first.click()
        dialog = page.locator("[role=dialog]").last
        dialog.locator(".cm-content").first.wait_for(timeout=15_000)
        page.wait_for_timeout(800)
        if shots:
            self.shot(f"{name}-citation")
        hold("\t" in dialog.locator(".cm-content").first.inner_text() or dialog.locator(".cm-line").count() > 1,
             f"{name}: the citation shows the lines as code")
        links = dialog.locator("a[href*='/source/']").evaluate_all("list => list.map(link => link.href)")
        hold(len(links) >= 2 and all(path in link for link in links), f"{name}: it leads to {path}")
        for number, link in enumerate(links):
            source = self.context.new_page()
            source.goto(link)
            source.wait_for_timeout(300)
            marked = source.locator(".l.on").count()
            first, last = map(int, re.search(r"#L(\d+)-L(\d+)", link).groups())
            hold(marked == last - first + 1, f"{name}: {marked} lines are marked at {link.split('/source/')[1]}")
            hold(source.evaluate("document.querySelector('.l.on').getBoundingClientRect().top") < 860,
                 f"{name}: the first of them is in sight")
            if shots and number == 0:
                self.shot(f"{name}-source", source)
            source.close()
        page.keyboard.press("Escape")

    def check_tasks(self, question, name):
        """Title, tags and follow-ups, which Open WebUI asks for by itself."""
        page, hold = self.page, self.checks.hold
        page.wait_for_timeout(2_500)
        record = self.chat_record()
        hold(record["title"].rstrip("…") in question, f"{name}: the title is {record['title']}")
        tags = record.get("meta", {}).get("tags", [])
        hold(len(tags) > 0, f"{name}: the tags are {', '.join(tags)}")
        followups = page.get_by_text(re.compile("どこから呼ばれますか|の役割は何ですか|他に何がありますか"))
        hold(followups.count() > 0, f"{name}: {followups.count()} follow-ups")
        return followups

    def check_reload(self, name):
        before = (self.chips().count(), self.sources().inner_text())
        self.page.reload()
        self.page.wait_for_selector(".chat-assistant", timeout=60_000)
        self.page.wait_for_timeout(2_500)
        self.page.keyboard.press("Escape")
        after = (self.chips().count(), self.sources().inner_text())
        self.checks.hold(before == after and before[0] > 0, f"{name}: a reload keeps {after[0]} chips and {after[1]}")

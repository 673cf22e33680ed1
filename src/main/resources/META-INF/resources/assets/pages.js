// Tells of requests that fail, closes messages, and has buttons copy a text of the page. These are hidden where nothing would come of it.
(() => {
  const notice = document.getElementById("notice");
  let failure = null;

  const say = (text, kind) => {
    const told = Object.assign(document.createElement("p"), { className: `toast ${kind}` });
    const close = Object.assign(document.createElement("a"), { className: "close", href: location.href, ariaLabel: "Close this message" });
    told.append(Object.assign(document.createElement("span"), { textContent: text }), close);
    notice.replaceChildren(told);
    return told;
  };
  const fail = ({ boosted, xhr }) => {
    if (boosted || !failure?.isConnected) { // what is polled may fail often: it is told once
      failure = say(`The service gave no usable answer${xhr.status ? ` (${xhr.status})` : ""}. Try again in a moment.`, "bad");
    }
  };
  // What a proxy says, for example, has no part to put in the place of the present one: that stays, and polling goes on.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.xhr.status === 204) {
      return; // nothing changed
    }
    const answer = new DOMParser().parseFromString(detail.serverResponse, "text/html");
    if (answer.getElementById(detail.target.id)) {
      failure?.remove();
    } else {
      detail.shouldSwap = false;
      fail(detail);
    }
  });
  ["htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, ({ detail }) => fail(detail)));

  // The link of a message loads the page again. With a script the page stays as it is, and only the message goes.
  document.addEventListener("click", (event) => {
    const close = event.target.closest("#notice .close");
    if (close) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (new URLSearchParams(location.search).has("done")) {
        history.replaceState(history.state, "", close.href);
      }
      close.parentElement.remove();
      document.getElementById("main").focus({ preventScroll: true });
    }
  }, true);

  // One menu of a row is open at most: a click elsewhere or Escape closes it.
  const shut = (event) => document.querySelectorAll("details.pop[open]").forEach((menu) => {
    if (event.type === "keydown") {
      menu.querySelector("summary").focus();
    }
    menu.open = event.type === "click" && menu.contains(event.target);
  });
  document.addEventListener("click", shut);
  document.addEventListener("keydown", (event) => event.key === "Escape" && shut(event));

  document.addEventListener("change", ({ target }) => {
    const rows = [...document.querySelectorAll("input[form=bulk][name=id]")];
    if (target.id === "all") {
      rows.forEach((row) => { row.checked = target.checked; });
    }
    const count = document.getElementById("selected");
    if (count) {
      const chosen = rows.filter((row) => row.checked).length;
      count.textContent = `${chosen} selected:`;
      // the bar is hidden without a selection, and what is hidden is not read aloud
      document.getElementById("chosen").textContent = `${chosen} of ${rows.length} selected.${chosen ? " The actions are below the list." : ""}`;
    }
  });

  const show = () => {
    document.querySelectorAll("#all[hidden]").forEach((all) => { all.hidden = false; });
    if (navigator.clipboard) {
      document.querySelectorAll("button[data-copy][hidden]").forEach((button) => { button.hidden = false; });
    }
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    const text = button && document.getElementById(button.dataset.copy);
    if (text) {
      await navigator.clipboard.writeText(text.textContent);
      say("Copied.", "good");
    }
  });
  document.addEventListener("htmx:afterSettle", show);
  show();
})();

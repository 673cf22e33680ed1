// Tells of requests that fail, and has buttons copy a text of the page. These are hidden where nothing would come of it.
(() => {
  const notice = document.getElementById("notice");
  let failure = null;

  const say = (text) => {
    const told = Object.assign(document.createElement("p"), { textContent: text });
    notice.replaceChildren(told);
    return told;
  };
  const fail = ({ boosted, xhr }) => {
    if (boosted || !failure?.isConnected) { // what is polled may fail often: it is told once
      failure = say(`The service gave no usable answer${xhr.status ? ` (${xhr.status})` : ""}. Try again in a moment.`);
    }
  };
  // What a proxy says, for example, has no part to put in the place of the present one: that stays, and polling goes on.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const answer = new DOMParser().parseFromString(detail.serverResponse, "text/html");
    if (answer.getElementById(detail.target.id)) {
      failure?.remove();
    } else {
      detail.shouldSwap = false;
      fail(detail);
    }
  });
  ["htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, ({ detail }) => fail(detail)));

  const show = () => {
    if (navigator.clipboard) {
      document.querySelectorAll("button[data-copy][hidden]").forEach((button) => { button.hidden = false; });
    }
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    const text = button && document.getElementById(button.dataset.copy);
    if (text) {
      await navigator.clipboard.writeText(text.textContent);
      say("Copied.");
    }
  });
  document.addEventListener("htmx:afterSettle", show);
  show();
})();

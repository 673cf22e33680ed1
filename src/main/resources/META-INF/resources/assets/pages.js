// Buttons that copy a text of the page. They are hidden where nothing would come of it.
(() => {
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
      document.getElementById("notice").replaceChildren(Object.assign(document.createElement("p"), { textContent: "Copied." }));
    }
  });
  document.addEventListener("htmx:afterSettle", show);
  show();
})();

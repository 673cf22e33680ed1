// Tells the page that opened this pop-up window how the connection ended, and closes the window. Only a page of the origin that the
// application named hears it. Without an opener the page stays and says that the window can be closed.
(() => {
  const result = document.getElementById("result").dataset;
  if (!window.opener) return;
  const message = {type: "nexus-oauth.connect", connect_session: result.session, status: result.status};
  if (result.error) message.error = result.error;
  window.opener.postMessage(message, result.origin);
  window.close();
})();

// Talks to the browser's passkeys. Without this file, or in a browser without them, nobody sees
// the buttons, and the six digits do.

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) =>
    letter.charCodeAt(0),
  );

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

// What the site sends names bytes in base64; what the browser takes are bytes.
function opened(options) {
  const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
  return {
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: known(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: known(options.allowCredentials) }),
  };
}

// The answer, as the site reads it.
function told(credential) {
  const response = { clientDataJSON: text(credential.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response,
  });
}

async function ask(form) {
  const token = form.querySelector("[name=csrf_token]").value;
  const sent = await fetch(form.dataset.passkey, {
    method: "POST",
    headers: { "X-CSRFToken": token },
  });
  const publicKey = opened(await sent.json());
  const credential =
    "user" in publicKey
      ? await navigator.credentials.create({ publicKey })
      : await navigator.credentials.get({ publicKey });
  form.querySelector("[name=answer]").value = told(credential);
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form).catch(() => {
      document.getElementById("live").textContent = form.dataset.failed;
      const word = form.querySelector("[data-word]");
      word.textContent = form.dataset.failed;
      word.hidden = false;
    });
  });
}

// All our own script. Every page works without it.
import { initAll } from 'govuk-frontend'

const POLL_EVERY = 2000
const POLL_AT_MOST = 30000

// Says how far a long piece of work has got, and loads the page again once it is finished.
// The address in data-progress answers {done, total, text, finished}.
function follow (box) {
  const bar = box.querySelector('progress')
  const text = box.querySelector('[data-progress-text]')
  let wait = POLL_EVERY
  let leaving = false // loading again would take the place of the page that somebody has just asked for
  window.addEventListener('beforeunload', () => { leaving = true })

  async function ask () {
    if (leaving) return
    try {
      const answer = await fetch(box.dataset.progress, { headers: { Accept: 'application/json' } })
      if (!answer.ok) throw new Error(`${answer.status}`)
      const news = await answer.json()
      if (news.finished) return leaving || window.location.reload()
      bar.max = Math.max(news.total, 1)
      bar.value = news.done
      text.textContent = news.text
      wait = POLL_EVERY
    } catch {
      wait = Math.min(wait * 2, POLL_AT_MOST)
    }
    setTimeout(ask, wait)
  }

  setTimeout(ask, wait)
}

const TELL_EVERY = 5 * 60 * 1000

// Somebody who writes is using Lantern: the server is told now and then, or half an hour's alert would be lost with the
// sign-in that ended meanwhile. Who does nothing is signed out as before.
function tellWhileWriting () {
  let told = Date.now()
  document.addEventListener('input', () => {
    if (Date.now() - told < TELL_EVERY) return
    told = Date.now()
    fetch('/cookies/', { method: 'HEAD' }).catch(() => {})
  })
}

function printOnPress (button) {
  button.hidden = false
  button.addEventListener('click', () => window.print())
}

// Bytes and the letters that carry them: base64url, RFC 4648.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
const letters = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')

// What the server asks for, with its letters turned into the bytes that the browser wants.
function asked ({ publicKey }) {
  const named = (list = []) => list.map((each) => ({ ...each, id: bytes(each.id) }))
  return {
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    ...(publicKey.user && { user: { ...publicKey.user, id: bytes(publicKey.user.id) } }),
    ...(publicKey.excludeCredentials && { excludeCredentials: named(publicKey.excludeCredentials) }),
    ...(publicKey.allowCredentials && { allowCredentials: named(publicKey.allowCredentials) })
  }
}

// What the passkey answered, as JSON.
function answered (made) {
  const response = { clientDataJSON: letters(made.response.clientDataJSON) }
  for (const part of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (made.response[part]) response[part] = letters(made.response[part])
  }
  if (made.response.getTransports) response.transports = made.response.getTransports()
  return JSON.stringify({
    id: made.id,
    rawId: letters(made.rawId),
    type: made.type,
    response,
    clientExtensionResults: made.getClientExtensionResults()
  })
}

// A form that a passkey fills in: data-passkey says get or create, data-options (or the address in data-ask) what is
// asked, data-answer the field for the answer.
function askPasskey (form) {
  if (!window.PublicKeyCredential) return
  const trouble = form.querySelector('[data-passkey-trouble]')
  form.hidden = false
  form.addEventListener('submit', async (event) => {
    if (form.dataset.done) return
    event.preventDefault()
    trouble.hidden = true
    try {
      const options = form.dataset.options ? JSON.parse(form.dataset.options) : await optionsAt(form.dataset.ask)
      const made = await navigator.credentials[form.dataset.passkey]({ publicKey: asked(options) })
      form.elements[form.dataset.answer].value = answered(made)
      form.dataset.done = 'yes'
      form.submit()
    } catch {
      trouble.textContent = 'That did not work, or was stopped. Try again, or use another way.'
      trouble.hidden = false
    }
  })
}

async function optionsAt (address) {
  const answer = await fetch(address, { headers: { Accept: 'application/json' } })
  return (await answer.json()).request_options
}

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()
tellWhileWriting()
document.querySelectorAll('[data-progress]').forEach(follow)
document.querySelectorAll('[data-print]').forEach(printOnPress)
document.querySelectorAll('[data-passkey]').forEach(askPasskey)

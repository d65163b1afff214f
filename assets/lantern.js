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

  async function ask () {
    try {
      const answer = await fetch(box.dataset.progress, { headers: { Accept: 'application/json' } })
      if (!answer.ok) throw new Error(`${answer.status}`)
      const news = await answer.json()
      if (news.finished) return window.location.reload()
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

function printOnPress (button) {
  button.hidden = false
  button.addEventListener('click', () => window.print())
}

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()
document.querySelectorAll('[data-progress]').forEach(follow)
document.querySelectorAll('[data-print]').forEach(printOnPress)

// Makes a task's page live: the server sends finished parts of the page, and they are put where they belong.
const story = document.querySelector('[data-live]');
if (story && 'EventSource' in window) {
  const source = new EventSource(story.dataset.live);
  const speaking = document.querySelector('[data-speaking]');
  const state = document.querySelector('[data-state]');
  source.addEventListener('story', ({ data }) => {
    if (speaking) speaking.textContent = '';
    story.insertAdjacentHTML('beforeend', data);
    for (const item of story.querySelectorAll('li')) item.classList.toggle('new', item === story.lastElementChild);
  });
  source.addEventListener('words', ({ data }) => {
    if (speaking) speaking.textContent += JSON.parse(data);
  });
  source.addEventListener('state', ({ data }) => {
    // Whoever stands on a link of it stays there.
    const focused = state?.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    if (state) state.innerHTML = data;
    const announced = document.querySelector('[data-announce]');
    const words = state?.querySelector('.tag')?.textContent ?? '';
    if (announced && announced.textContent !== words) announced.textContent = words;
    if (focused) state?.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  });
  source.addEventListener('end', () => source.close());
}

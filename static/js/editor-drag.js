// Lines of the order editor are put into another sequence by dragging.
const form = document.getElementById('editor'), body = form.querySelector('.edit-lines').tBodies[0];
const send = () => form.dispatchEvent(new CustomEvent('editor-send', { detail: 'reckon' }));
new window.Sortable(body, { handle: '[data-grip]', draggable: 'tr:not(.child)', animation: 150, onUpdate: send });

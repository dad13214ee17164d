// Changes nodes into other nodes with as few touches as it can, so that a selection, a scrolled code block and the eye stay
// where they are while a text grows.

/** Makes `parent`'s children, from number `start` on, equal to `nodes` (which may be used up). */
export function morphChildren(parent, start, nodes) {
  let index = start;
  for (const node of nodes) {
    const old = parent.childNodes[index];
    if (!old) parent.append(node);
    else if (isAlike(old, node)) morphNode(old, node);
    else parent.replaceChild(node, old);
    index += 1;
  }
  while (parent.childNodes.length > index) parent.lastChild.remove();
}

function isAlike(old, node) {
  return old.nodeType === node.nodeType && old.nodeName === node.nodeName && old.className === node.className;
}

function morphNode(old, node) {
  if (isSameFormula(old, node)) return; // it may be drawn already
  if (old.nodeType !== Node.ELEMENT_NODE) {
    morphText(old, node.data);
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!node.hasAttribute(name) && !isReaders(old, name)) old.removeAttribute(name);
  }
  for (const { name, value } of node.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  morphChildren(old, 0, [...node.childNodes]);
}

function isSameFormula(old, node) {
  return old.nodeType === Node.ELEMENT_NODE && old.hasAttribute("data-formula") && old.dataset.formula === node.dataset.formula;
}

function morphText(old, data) {
  if (old.data === data) return;
  if (data.startsWith(old.data)) old.appendData(data.slice(old.data.length));
  else old.data = data;
}

/** What the reader has done to a node stays: a <details> that was unfolded. */
function isReaders(node, attribute) {
  return node.nodeName === "DETAILS" && attribute === "open";
}

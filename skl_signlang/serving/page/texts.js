// All that the page says, in each language.

export const TEXTS = {
  en: {
    title: "Letters of the hand",
    language: "Language",
    image: "Image",
    video: "Camera, shown as in a mirror",
    dropHere: "Drop an image here, choose one, or open the camera.",
    openCamera: "Open camera",
    closeCamera: "Close camera",
    chooseImage: "Choose an image",
    apiKey: "This server asks for an API key",
    useKey: "Use it",
    guide: "How to hold the hand",
    guideFrame: "Hold one hand before the camera, palm or side as the letter needs, wrist at the bottom; where a square is shown, fill it.",
    guideLight: "Let the light come from the front. With a window behind you the hand is a shadow.",
    guideBackground: "Stand before a plain wall that is lighter or darker than the hand.",
    guideHold: "Hold each letter for about half a second. For the same letter again, slide the hand a little to the side, or open it between the two. After a longer pause comes a space.",
    guideMoving: "J and Z are drawn in the air. They are read where the model follows the hand; no single image can show them.",
    letter: "Letter",
    crop: "What the model sees",
    bars: "The likeliest letters",
    none: "no letter",
    model: "model {name}",
    sure: "{share} % sure",
    word: "Word",
    provisional: "Letters that may still change",
    suggestions: "Suggested words",
    speak: "Speak",
    space: "Space",
    delete: "Delete",
    copy: "Copy",
    copied: "Copied.",
    notCopied: "The browser did not copy it; it is selected, press Ctrl+C.",
    added: "Letter {letter}",
    privacy: "Frames and images go to the machine that serves this page and nowhere else. They are not stored.",
    insecure: "Browsers give the camera only to pages from localhost or over HTTPS. Open this page on the machine that serves it, as http://localhost, or start the server with --ssl-certfile and --ssl-keyfile.",
    refused: "The camera was refused. Allow it for this page in the browser's address bar, then press the button again.",
    noCamera: "No camera was found. You can still choose or drop an image.",
    busyCamera: "The camera cannot be read; another program may be using it.",
    lostCamera: "The camera was taken away.",
    noAnswer: "The server does not answer.",
    busyServer: "The server is busy; trying again.",
    wrongKey: "The server needs its API key.",
    lostServer: "The connection to the server ended; trying again.",
    largeImage: "The image is too large for the server.",
    refusedImage: "The server did not read the image: it is damaged, or no image.",
    refusedFrame: "The server did not read what the camera shows.",
  },
  es: {
    title: "Letras de la mano",
    language: "Idioma",
    image: "Imagen",
    video: "Cámara, como en un espejo",
    dropHere: "Suelta aquí una imagen, elige una o abre la cámara.",
    openCamera: "Abrir la cámara",
    closeCamera: "Cerrar la cámara",
    chooseImage: "Elegir una imagen",
    apiKey: "Este servidor pide una clave de API",
    useKey: "Usarla",
    guide: "Cómo poner la mano",
    guideFrame: "Pon una mano ante la cámara, de palma o de lado según la letra, con la muñeca abajo; si se ve un cuadrado, llénalo.",
    guideLight: "Que la luz venga de frente. Con una ventana detrás, la mano es una sombra.",
    guideBackground: "Ponte ante una pared lisa, más clara o más oscura que la mano.",
    guideHold: "Mantén cada letra alrededor de medio segundo. Para repetir la misma letra, desliza la mano un poco hacia un lado o ábrela entre las dos. Tras una pausa más larga viene un espacio.",
    guideMoving: "La J y la Z se trazan en el aire. Se leen si el modelo sigue la mano; ninguna imagen suelta puede mostrarlas.",
    letter: "Letra",
    crop: "Lo que ve el modelo",
    bars: "Las letras más probables",
    none: "ninguna letra",
    model: "modelo {name}",
    sure: "{share} % de seguridad",
    word: "Palabra",
    provisional: "Letras que aún pueden cambiar",
    suggestions: "Palabras propuestas",
    speak: "Escuchar",
    space: "Espacio",
    delete: "Borrar",
    copy: "Copiar",
    copied: "Copiado.",
    notCopied: "El navegador no la copió; está seleccionada, pulsa Ctrl+C.",
    added: "Letra {letter}",
    privacy: "Los fotogramas y las imágenes van a la máquina que sirve esta página y a ninguna otra. No se guardan.",
    insecure: "Los navegadores solo dan la cámara a páginas de localhost o por HTTPS. Abre esta página en la máquina que la sirve, como http://localhost, o inicia el servidor con --ssl-certfile y --ssl-keyfile.",
    refused: "Se denegó la cámara. Permítela para esta página en la barra de direcciones y pulsa el botón otra vez.",
    noCamera: "No se encontró ninguna cámara. Aún puedes elegir o soltar una imagen.",
    busyCamera: "No se puede leer la cámara; quizá la usa otro programa.",
    lostCamera: "La cámara se desconectó.",
    noAnswer: "El servidor no responde.",
    busyServer: "El servidor está ocupado; se intenta otra vez.",
    wrongKey: "El servidor necesita su clave de API.",
    lostServer: "Se cortó la conexión con el servidor; se intenta otra vez.",
    largeImage: "La imagen es demasiado grande para el servidor.",
    refusedImage: "El servidor no leyó la imagen: está dañada o no es una imagen.",
    refusedFrame: "El servidor no leyó lo que muestra la cámara.",
  },
};

let language = "en";

/** Return the language that was chosen, or that of the browser, if it is one of ours. */
export function preferredLanguage(chosen) {
  const wanted = [chosen, ...navigator.languages.map((name) => name.slice(0, 2))];
  return wanted.find((name) => name in TEXTS) ?? "en";
}

/** Write the whole page in a language. */
export function speak(name) {
  language = name;
  document.documentElement.lang = name;
  document.title = text("title");
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", text(element.dataset.label));
  }
}

/** Give a text in the language that is spoken, with its {names} filled in. */
export function text(key, values = {}) {
  return TEXTS[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

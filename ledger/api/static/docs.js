"use strict";

// The page of /schema. A file of its own, so that the page needs no inline script and may forbid them.
window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: "/schema/openapi.json",
    dom_id: "#docs",
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    tryItOutEnabled: true,
    // Without this, Swagger UI asks a public service to validate the document.
    validatorUrl: null,
    presets: [SwaggerUIBundle.presets.apis],
  });
});

// @ts-check
/** Shows the OpenAPI document; the server's content policy allows no script within the page. */

/** @type {any} */ (window).SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  validatorUrl: null,
});

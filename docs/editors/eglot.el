;; The completion menu instead of ghost text, and Fimble's code actions, through eglot.
;; eglot runs one server for each buffer: this is for those who have no other.
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '((python-mode python-ts-mode) . ("fimble" "lsp"))))

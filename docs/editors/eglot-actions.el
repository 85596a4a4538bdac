(defun fimble-edit (instruction)
  "Have Fimble edit the region, or the function around point, as INSTRUCTION says."
  (interactive "sEdit with Fimble: ")
  (let ((start (if (use-region-p) (region-beginning) (point)))
        (end (if (use-region-p) (region-end) (point))))
    (eglot-execute-command
     (eglot--current-server-or-lose) 'fimble.edit
     (vector (list :uri (plist-get (eglot--TextDocumentIdentifier) :uri)
                   :range (list :start (eglot--pos-to-lsp-position start)
                                :end (eglot--pos-to-lsp-position end))
                   :instruction instruction)))))

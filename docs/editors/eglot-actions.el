(defun fimble--range ()
  "Return the region's ends, or point twice: there the function around it is meant.
`eglot-code-actions' itself takes the expression at point for a selection."
  (if (use-region-p)
      (list (region-beginning) (region-end))
    (list (point) (point))))

(defun fimble-actions ()
  "Offer what Fimble can do with the region, or with the function around point."
  (interactive)
  (apply #'eglot-code-actions (append (fimble--range) '(nil t))))

(defun fimble-edit (instruction)
  "Have Fimble edit the region, or the function around point, as INSTRUCTION says."
  (interactive "sEdit with Fimble: ")
  (pcase-let ((`(,start ,end) (mapcar #'eglot--pos-to-lsp-position (fimble--range))))
    (eglot-execute-command
     (eglot--current-server-or-lose) 'fimble.edit
     (vector (list :uri (plist-get (eglot--TextDocumentIdentifier) :uri)
                   :range (list :start start :end end)
                   :instruction instruction)))))

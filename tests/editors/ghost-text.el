;;; ghost-text.el --- Tests of docs/editors/fimble.el in a real Emacs  -*- lexical-binding: t; -*-

;;; Commentary:

;; Run by test_emacs.py, in batch.  Keys go through the command loop, so that the hooks run that
;; run for a person; nothing waits but for what is awaited.

;;; Code:

(require 'ert)
(require 'fimble)
(require 'python)

(defvar ghost-text-file (getenv "FIMBLE_TEST_FILE"))

(defun ghost-text-until (holds)
  "Let the server's messages in until HOLDS returns something, and return that."
  (let ((end (+ (float-time) 40)) found)
    (while (not (setq found (funcall holds)))
      (when (> (float-time) end)
        (ert-fail (list "It did not come." (current-message) (buffer-string))))
      (accept-process-output nil 0.02))
    found))

(defun ghost-text-shown ()
  "Return what is drawn behind point and below the line, nil when nothing is."
  (and fimble--overlays
       (mapconcat (lambda (overlay) (substring-no-properties (overlay-get overlay 'after-string)))
                  (reverse fimble--overlays) "|")))

(defun ghost-text-type (keys)
  "Press KEYS."
  (execute-kbd-macro (kbd keys)))

(defmacro ghost-text-with (&rest body)
  "Run BODY at the end of the third line of the begun file, with a server that is ready."
  `(ghost-text-before-it-is-ready
    (ghost-text-until (lambda () (equal "ready" (fimble--state fimble--server))))
    ,@body))

(defmacro ghost-text-before-it-is-ready (&rest body)
  "Run BODY at the end of the third line of the begun file."
  `(let ((before (with-temp-buffer (insert-file-contents ghost-text-file) (buffer-string))))
     (find-file ghost-text-file)
     (unwind-protect
         (progn
           (switch-to-buffer (current-buffer))
           (buffer-enable-undo)
           (python-mode)
           (fimble-mode)
           (goto-char (point-min))
           (forward-line 2)
           (end-of-line)
           ,@body)
       (erase-buffer)
       (insert before)
       (save-buffer)
       (kill-buffer))))

(defun ghost-text-line ()
  "Return the line at point."
  (buffer-substring-no-properties (line-beginning-position) (line-end-position)))

(ert-deftest ghost-text-appears-and-tab-accepts-it ()
  (ghost-text-with
   (ghost-text-type "r e t")
   (should (equal (ghost-text-until #'ghost-text-shown) "urn width * height"))
   (should (eq (get-text-property 0 'face (overlay-get (car fimble--overlays) 'after-string))
               'fimble-ghost))
   (ghost-text-type "TAB")
   (should (equal (ghost-text-line) "    return width * height"))
   (should (eolp))
   (should-not (ghost-text-shown))))

(ert-deftest ghost-text-shows-a-draft-until-the-model-has-answered ()
  (let ((fimble--connections nil)
        (fimble-settings '(:engine (:kind "auto") :embedded (:confidence 0.1)))
        (seen nil))
    (ghost-text-with
     (save-excursion
       (goto-char (point-min))
       (dotimes (number 3)
         (insert (format "def cost_%d(width):\n    pass\n    return height_of(width)\n\n\n"
                         number))))
     (advice-add 'fimble--show :before
                 (lambda (item) (push (plist-get item :insertText) seen))
                 '((name . ghost-text-note)))
     (unwind-protect
         (progn
           (ghost-text-type "r e t u r n")
           (ghost-text-until (lambda () (equal (ghost-text-shown) " width * height")))
           (should (equal seen '(" width * height" " height_of(width)"))))
       (advice-remove 'fimble--show 'ghost-text-note)))))

(ert-deftest ghost-text-comes-for-what-was-typed-before-the-model-was-there ()
  (let ((fimble--connections nil))
    (ghost-text-before-it-is-ready
     (should-not (equal "ready" (fimble--state fimble--server)))
     (ghost-text-type "r e t")
     (should (equal (ghost-text-until #'ghost-text-shown) "urn width * height")))))

(ert-deftest ghost-text-stays-while-it-is-typed-without-the-server ()
  (ghost-text-with
   (ghost-text-type "r e t")
   (ghost-text-until #'ghost-text-shown)
   ;; No message of the server comes in between: Emacs takes them in only while it waits.
   (dolist (step '(("u" . "rn width * height") ("r" . "n width * height") ("n" . " width * height")))
     (ghost-text-type (car step))
     (should (equal (ghost-text-shown) (cdr step))))))

(ert-deftest ghost-text-goes-with-the-key-that-diverges ()
  (ghost-text-with
   (ghost-text-type "r e t")
   (ghost-text-until #'ghost-text-shown)
   (ghost-text-type "x")
   (should-not (ghost-text-shown))
   (should-not fimble--visible)
   (should-not (eq (key-binding (kbd "TAB")) 'fimble-accept))))

(ert-deftest ghost-text-goes-when-point-goes-elsewhere ()
  (ghost-text-with
   (ghost-text-type "r e t")
   (ghost-text-until #'ghost-text-shown)
   (ghost-text-type "C-a")
   (should-not (ghost-text-shown))))

(ert-deftest ghost-text-is-dismissed-and-the-text-stays ()
  (ghost-text-with
   (ghost-text-type "r e t")
   (ghost-text-until #'ghost-text-shown)
   (should (eq (key-binding (kbd "C-g")) 'fimble-dismiss))
   (call-interactively #'fimble-suggest)
   (ghost-text-until #'ghost-text-shown)
   (fimble-dismiss)
   (should-not (ghost-text-shown))
   (should (equal (ghost-text-line) "    ret"))))

(ert-deftest ghost-text-is-accepted-word-by-word ()
  (ghost-text-with
   (ghost-text-type "r e t")
   (ghost-text-until #'ghost-text-shown)
   (ghost-text-type "C-<right>")
   (should (equal (ghost-text-line) "    return"))
   (should (equal (ghost-text-shown) " width * height"))
   (ghost-text-type "C-<right> C-<right>")
   (should (equal (ghost-text-line) "    return width *"))
   (should (equal (ghost-text-shown) " height"))))

(ert-deftest ghost-text-undone-takes-back-what-was-accepted-and-no-more ()
  (ghost-text-with
   (ghost-text-type "r e t")
   (ghost-text-until #'ghost-text-shown)
   (ghost-text-type "TAB C-/")
   (should (equal (ghost-text-line) "    ret"))))

(ert-deftest ghost-text-of-several-lines-stands-below-and-is-accepted-line-by-line ()
  (ghost-text-with
   (search-forward "def perimeter(width, height):")
   (delete-region (point) (save-excursion (forward-line 4) (1- (point))))
   (insert "\n    ")
   (ghost-text-type "C-e")
   (should (equal (ghost-text-until #'ghost-text-shown)
                  "if width < 0:\n        raise ValueError(width)"))
   (ghost-text-type "C-<down>")
   (should (equal (ghost-text-line) "    if width < 0:"))
   (should (equal (ghost-text-shown) "\n        raise ValueError(width)"))
   (ghost-text-type "TAB")
   (should (equal (ghost-text-line) "        raise ValueError(width)"))))

(ert-deftest ghost-text-in-the-middle-of-a-line-leaves-what-stands-behind ()
  (ghost-text-with
   (ghost-text-type "r e t u r n SPC w i d t h SPC * SPC h e i")
   (ghost-text-until #'ghost-text-shown)
   (should (equal (ghost-text-shown) "ght"))
   (insert "")
   (electric-pair-local-mode)
   (search-forward "print(area(3, 4))")
   (beginning-of-line)
   (delete-region (point) (line-end-position))
   (ghost-text-type "p r i n t (")
   (should (equal (ghost-text-line) "print()"))
   (ghost-text-until #'ghost-text-shown)
   (ghost-text-type "TAB")
   (should (equal (ghost-text-line) "print(area(3, 4))"))))

(ert-deftest ghost-text-knows-the-text-after-every-kind-of-change ()
  "The model of the tests is silent unless the server has the text that Emacs has."
  (ghost-text-with
   (let ((here (point-marker)))
     (goto-char (point-min))
     (capitalize-word 2)
     (goto-char (point-min))
     (downcase-word 2)
     (goto-char (point-min))
     (kill-whole-line 2)
     (yank)
     (goto-char (point-min))
     (forward-char 2)
     (transpose-chars 1)
     (backward-char)
     (transpose-chars 1)
     (goto-char (point-min))
     (while (re-search-forward "height" nil t) (replace-match "höhe 🏠"))
     (goto-char (point-min))
     (while (re-search-forward "höhe 🏠" nil t) (replace-match "height"))
     (indent-rigidly (point-min) (point-max) 4)
     (indent-rigidly (point-min) (point-max) -4)
     (save-restriction
       (narrow-to-region (line-beginning-position -3) (point-max))
       (goto-char (point-min))
       (insert "x = 1\n")
       (delete-region (point-min) (point)))
     (let ((text (buffer-string)))
       (atomic-change-group (erase-buffer) (insert text)))
     (goto-char (point-min))
     (forward-line 2)
     (indent-line-to 4)
     (set-marker here nil))
   (should (equal (ghost-text-line) "    "))
   (ghost-text-type "r e t")
   (should (equal (ghost-text-until #'ghost-text-shown) "urn width * height"))))

(ert-deftest ghost-text-comes-back-with-a-server-that-was-killed ()
  (ghost-text-with
   (let ((old fimble--server))
     (setf (fimble--wanted old) nil)
     (kill-process (jsonrpc--process old))
     (ghost-text-until (lambda () (not (jsonrpc-running-p old))))
     (ghost-text-until (lambda () (null fimble--opened)))
     (ghost-text-type "r e")
     (should-not (ghost-text-shown))
     (fimble-restart)
     (should-not (eq fimble--server old))
     (ghost-text-until (lambda () (equal "ready" (fimble--state fimble--server))))
     (ghost-text-type "t")
     (should (equal (ghost-text-until #'ghost-text-shown) "urn width * height")))))

(ert-deftest ghost-text-says-how-to-go-on-where-the-program-is-missing ()
  (let ((fimble-command '("no-such-fimble" "lsp")) (fimble--connections nil) said)
    (cl-letf (((symbol-function 'message) (lambda (form &rest rest)
                                            (setq said (apply #'format form rest)))))
      (find-file (make-temp-file "fimble" nil ".py"))
      (unwind-protect (fimble-mode) (kill-buffer)))
    (should (string-match-p "no-such-fimble is not on .exec-path.; install it" said))))

(ert-deftest t04-ghost-text-takes-no-program-and-no-settings-from-a-repository ()
  (dolist (variable '(fimble-command fimble-settings))
    (should (get variable 'risky-local-variable))
    (should-not (safe-local-variable-p variable '("sh" "-c" "exit")))))

(ert-deftest t16-ghost-text-leaves-no-text-of-a-document-in-a-log ()
  (ghost-text-with
   (ghost-text-type "r e t")
   (ghost-text-until #'ghost-text-shown)
   (dolist (buffer (buffer-list))
     (unless (eq buffer (current-buffer))
       (with-current-buffer buffer
         (goto-char (point-min))
         (should-not (search-forward "Return the area" nil t)))))))

(ert-deftest ghost-text-is-for-files-of-this-machine ()
  (with-temp-buffer
    (python-mode)
    (fimble-mode)
    (should-not fimble-mode)))

(provide 'ghost-text)

;;; ghost-text.el ends here

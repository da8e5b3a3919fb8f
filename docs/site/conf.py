# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sphinx's settings of the documentation site, which tools/site.py builds."""

project = "hybrid.connectors"
html_title = "hybrid.connectors"
copyright = "hybrid.connectors contributors"

extensions = ["sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
default_role = "any"
nitpicky = True

# tools/site.py writes the inventory, with what the pages refer to, so that nothing is downloaded.
intersphinx_mapping = {"ansible": ("https://docs.ansible.com/ansible/latest/", "ansible.inv")}

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_use_index = False
html_use_smartypants = False
highlight_language = "yaml+jinja"
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-dark"

// placeholder, replaced by the first file

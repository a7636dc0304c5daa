"""Sources: where bytes come from. Each gives blobs; what they mean is the formats' business."""

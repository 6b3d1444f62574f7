#include "score_kernels.h"

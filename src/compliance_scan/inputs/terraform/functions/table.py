"""Which module has which function."""

FAMILIES = {
    name: family
    for family, names in {
        "lists": "chunklist compact concat distinct flatten range reverse slice sort",
        "searches": "alltrue anytrue coalesce coalescelist contains element index length matchkeys one sum",
        "maps": "keys lookup merge transpose values zipmap",
        "sets": "setintersection setproduct setsubtract setunion",
        "strings": (
            "chomp endswith indent join lower replace split startswith strcontains strrev substr title trim "
            "trimprefix trimspace trimsuffix upper regex regexall"
        ),
        "formats": "format formatlist",
        "numeric": "abs ceil floor log max min parseint pow signum",
        "encoding": (
            "base64decode base64encode base64gzip csvdecode jsondecode jsonencode textdecodebase64 textencodebase64 "
            "urlencode"
        ),
        "yaml": "yamldecode yamlencode",
        "hashes": "base64sha256 base64sha512 bcrypt md5 rsadecrypt sha1 sha256 sha512 uuid uuidv5",
        "dates": "formatdate plantimestamp timeadd timecmp timestamp",
        "network": "cidrhost cidrnetmask cidrsubnet cidrsubnets",
        "conversion": (
            "ephemeralasnull issensitive nonsensitive sensitive tobool tolist tomap tonumber toset tostring"
        ),
        "files": (
            "abspath basename dirname file filebase64 filebase64sha256 filebase64sha512 fileexists filemd5 fileset "
            "filesha1 filesha256 filesha512 pathexpand templatefile templatestring"
        ),
    }.items()
    for name in names.split()
} | {"can": "attempts", "try": "attempts"}

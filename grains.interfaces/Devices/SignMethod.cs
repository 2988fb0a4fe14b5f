namespace IotPlatform.Devices;

/// <summary>The keyed hash of a login that is signed.</summary>
[GenerateSerializer, Alias("iot.sign-method")]
public enum SignMethod
{
    /// <summary>HMAC-MD5.</summary>
    HmacMd5,

    /// <summary>HMAC-SHA1.</summary>
    HmacSha1,

    /// <summary>HMAC-SHA256.</summary>
    HmacSha256,
}

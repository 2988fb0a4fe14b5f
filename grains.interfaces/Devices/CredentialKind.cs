
namespace IotPlatform.Devices;

/// <summary>How a credential is judged.</summary>
[GenerateSerializer, Alias("iot.credential-kind")]
public enum CredentialKind
{
    /// <summary>The secret must be the device's own.</summary>
    Secret,

    /// <summary>Its product is open: an unknown device is registered, a known one let in, whatever the secret.</summary>
    OpenRegistration,

    /// <summary>The device is not registered and never will be.</summary>
    Anonymous,

    /// <summary>It was judged when the connection was made: the device must still be registered and enabled.</summary>
    Proven,

    /// <summary>The proof must be of the device's own secret, and so must a secret that is there as well. In an open product too: the device wants the server to prove the same.</summary>
    Scram,

    /// <summary>The signature must be of the device's own secret.</summary>
    Signature,
}

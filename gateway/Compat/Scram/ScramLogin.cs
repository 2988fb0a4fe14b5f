using IotPlatform.Devices;

namespace IotPlatform.Compat.Scram;

/// <summary>What a client has shown of itself in a SCRAM exchange.</summary>
/// <param name="UserName">Who it says it is.</param>
/// <param name="Proof">That it has the secret, if that is right.</param>
internal sealed record ScramLogin(string UserName, ScramProof Proof);

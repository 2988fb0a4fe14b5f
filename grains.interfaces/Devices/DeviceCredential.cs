
namespace IotPlatform.Devices;

/// <summary>What a device showed at its login.</summary>
/// <param name="Kind">How it is to be judged.</param>
/// <param name="Secret">What it gave as its secret; empty for <see cref="CredentialKind.Anonymous"/>.</param>
[GenerateSerializer, Immutable, Alias("iot.device-credential")]
public sealed record DeviceCredential([property: Id(0)] CredentialKind Kind, [property: Id(1)] string Secret)
{
    /// <summary>Without the secret, which belongs in no log.</summary>
    public override string ToString() => Kind.ToString();
}

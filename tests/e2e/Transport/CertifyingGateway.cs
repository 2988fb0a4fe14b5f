namespace IotPlatform.E2e.Tests.Transport;

/// <summary>A gateway that takes clients with certificates only, and knows them by those.</summary>
public sealed class CertifyingGateway : IAsyncLifetime
{
    internal TlsGateway Gateway { get; } = new(("Mqtt__Tls__ClientCertificates", "Required"), ("Mqtt__Tls__ClientCertificateIdentity", "CommonName"));

    public Task InitializeAsync() => Gateway.InitializeAsync();

    public Task DisposeAsync() => Gateway.DisposeAsync();
}

using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using Microsoft.Extensions.Options;

namespace IotPlatform.Transport.Tls;

/// <summary>The certificates of the TLS ports. It looks at their files again and again; what can not be used does not replace what could.</summary>
internal sealed partial class TlsCertificates(IOptions<GatewayOptions> options, GatewayInstruments instruments, TimeProvider time, ILogger<TlsCertificates> logger)
    : IDisposable
{
    /// <summary>id-kp-clientAuth (RFC 5280 section 4.2.1.12).</summary>
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly TlsOptions _options = options.Value.Tls;
    private readonly Lock _gate = new();
    private TlsFiles? _files;
    private bool _isUnreadable;
    private volatile TlsMaterial? _material;
    private ITimer? _timer;

    /// <summary>Whether there is TLS at all.</summary>
    public bool IsConfigured => _options.CertificateFile is not null;

    /// <summary>Reads the files, and watches them from then on.</summary>
    /// <exception cref="OptionsValidationException">They can not be used.</exception>
    public void Load()
    {
        try
        {
            _files = TlsFiles.Read(_options);
            _material = _files.ToMaterial();
        }
        catch (Exception exception) when (TlsFiles.IsFault(exception))
        {
            throw new OptionsValidationException("Mqtt:Tls", typeof(TlsOptions), [$"The files of Mqtt:Tls can not be used: {exception.Message}"]);
        }

        _timer = time.CreateTimer(static self => ((TlsCertificates)self!).Check(), this, _options.ReloadInterval, _options.ReloadInterval);
    }

    /// <summary>What a handshake that begins now is made with.</summary>
    public SslServerAuthenticationOptions ForHandshake()
    {
        var material = _material!;
        var asksClient = _options.ClientCertificates != ClientCertificates.None;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = material.Certificate,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
            ClientCertificateRequired = asksClient,
            CertificateChainPolicy = asksClient ? PolicyFor(material.ClientAuthorities) : null,
            RemoteCertificateValidationCallback = asksClient ? IsAccepted : null,
        };
    }

    public void Dispose() => _timer?.Dispose();

    private static X509ChainPolicy PolicyFor(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return policy;
    }

    private bool IsAccepted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is null ? _options.ClientCertificates == ClientCertificates.Optional : errors == SslPolicyErrors.None;

    private void Check()
    {
        lock (_gate)
        {
            try
            {
                var files = TlsFiles.Read(_options);
                if (!_isUnreadable && files.HasSameContent(_files!))
                {
                    return;
                }

                // Also where it can not be used: it is told once.
                (_files, _isUnreadable) = (files, false);
                _material = files.ToMaterial();
                instruments.CertificateReloaded("Success");
                LogReloaded(logger, _material.Certificate.TargetCertificate.NotAfter.ToUniversalTime());
            }
            catch (Exception exception) when (TlsFiles.IsFault(exception))
            {
                Failed(exception, isUnreadable: exception is IOException or UnauthorizedAccessException);
            }
        }
    }

    private void Failed(Exception exception, bool isUnreadable)
    {
        if (isUnreadable && _isUnreadable)
        {
            return;
        }

        _isUnreadable = isUnreadable;
        instruments.CertificateReloaded("Failed");
        LogNotReloaded(logger, exception);
    }

    [LoggerMessage(4011, LogLevel.Information, "The certificates of Mqtt:Tls have changed; the new one ends at {NotAfter:u}")]
    private static partial void LogReloaded(ILogger logger, DateTime notAfter);

    [LoggerMessage(4012, LogLevel.Warning, "The certificates of Mqtt:Tls have changed and can not be used; new connections get the old ones")]
    private static partial void LogNotReloaded(ILogger logger, Exception exception);
}

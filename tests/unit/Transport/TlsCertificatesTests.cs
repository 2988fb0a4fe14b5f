using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using IotPlatform.Testkit;
using IotPlatform.Transport.Tls;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.Options;

namespace IotPlatform.Unit.Tests.Transport;

/// <summary>Certificates that change while they are used.</summary>
public sealed class TlsCertificatesTests : IDisposable
{
    private readonly CertificateAuthority _authority = new("tests");
    private readonly string _folder = Directory.CreateTempSubdirectory("iot-tls-").FullName;
    private readonly ManualTime _time = new();
    private readonly GatewayInstruments _instruments = new();
    private readonly WarningCounter<TlsCertificates> _log = new();
    private readonly TlsOptions _options;
    private readonly TlsCertificates _certificates;

    public TlsCertificatesTests()
    {
        _options = new TlsOptions { CertificateFile = PathOf("tls.crt"), KeyFile = PathOf("tls.key") };
        _certificates = new TlsCertificates(Options.Create(new GatewayOptions { Tls = _options }), _instruments, _time, _log);
    }

    private string Current => _certificates.ForHandshake().ServerCertificateContext!.TargetCertificate.Thumbprint;

    public void Dispose()
    {
        _certificates.Dispose();
        _instruments.Dispose();
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Files_ThatChange_AreUsedFromThenOn()
    {
        var first = Write(_folder);
        _certificates.Load();
        Assert.Equal(first, Current);

        var second = Write(_folder);
        Assert.Equal(first, Current);
        _time.Advance(_options.ReloadInterval);

        Assert.Equal(second, Current);
        Assert.Equal(0, _log.Count);
    }

    // A mounted secret: the files are links through a link to a folder, and that link is exchanged.
    [Fact]
    public void Files_BehindALinkThatIsExchanged_AreUsedFromThenOn()
    {
        Write(Directory.CreateDirectory(PathOf("v1")).FullName);
        var second = Write(Directory.CreateDirectory(PathOf("v2")).FullName);
        Directory.CreateSymbolicLink(PathOf("..data"), "v1");
        File.CreateSymbolicLink(PathOf("tls.crt"), Path.Combine("..data", "tls.crt"));
        File.CreateSymbolicLink(PathOf("tls.key"), Path.Combine("..data", "tls.key"));
        _certificates.Load();

        Directory.Delete(PathOf("..data"));
        Directory.CreateSymbolicLink(PathOf("..data"), "v2");
        _time.Advance(_options.ReloadInterval);

        Assert.Equal(second, Current);
    }

    [Theory]
    [InlineData("tls.crt", "no certificate")]
    [InlineData("tls.key", "no key")]
    [InlineData("tls.key", null)]
    [InlineData("tls.crt", "")]
    public void Files_ThatCanNotBeUsed_ReplaceNothing_AndAreToldOnce(string file, string? content)
    {
        var first = Write(_folder);
        _certificates.Load();
        if (content is null)
        {
            File.Delete(PathOf(file));
        }
        else
        {
            File.WriteAllText(PathOf(file), content);
        }

        for (var i = 0; i < 3; i++)
        {
            _time.Advance(_options.ReloadInterval);
            Assert.Equal(first, Current);
            Assert.Equal(1, _log.Count);
        }

        var next = Write(_folder);
        _time.Advance(_options.ReloadInterval);
        Assert.Equal(next, Current);
        Assert.Equal(1, _log.Count);
    }

    [Fact]
    public void CertificateWithTheKeyOfAnother_ReplacesNothing()
    {
        var first = Write(_folder);
        _certificates.Load();
        var other = Directory.CreateDirectory(PathOf("other")).FullName;
        Write(other);
        File.Copy(Path.Combine(other, "tls.crt"), PathOf("tls.crt"), overwrite: true);
        _time.Advance(_options.ReloadInterval);

        Assert.Equal(first, Current);
        Assert.Equal(1, _log.Count);
    }

    [Fact]
    public void CertificateAndKey_InOneFile_AreUsed()
    {
        var thumbprint = Write(_folder);
        File.AppendAllText(PathOf("tls.crt"), File.ReadAllText(PathOf("tls.key")));
        _options.KeyFile = null;
        _certificates.Load();

        Assert.Equal(thumbprint, Current);
    }

    [Fact]
    public void Load_WithoutTheFiles_SaysSo()
    {
        var failure = Assert.Throws<OptionsValidationException>(_certificates.Load);
        Assert.Contains("Mqtt:Tls", failure.Message, StringComparison.Ordinal);
    }

    private string Write(string folder)
    {
        using var certificate = _authority.IssueServer();
        CertificateAuthority.Write(certificate, Path.Combine(folder, "tls.crt"), Path.Combine(folder, "tls.key"));
        return certificate.Thumbprint;
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}

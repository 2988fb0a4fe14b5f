using System.Runtime.CompilerServices;
using System.Text;
using IotPlatform.Compat.LinkKit;
using IotPlatform.Compat.Scram;
using IotPlatform.Devices;
using IotPlatform.Hosting;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Products;
using IotPlatform.Routing;
using IotPlatform.Transport.Tls;
using Microsoft.Extensions.Options;

namespace IotPlatform.Compat;

/// <summary>
/// Reads the login of the native dialect: user name <c>{deviceName}&amp;{productKey}</c>, password the device's secret, or, with a <see cref="LinkKitClientId"/>, what
/// it signed with that. A certificate whose common name is such a user name does without both. A client that names an authentication method is who it shows to be with that. Where it is allowed, a client that has neither is a device of the product <see cref="AnonymousProduct"/>, named by
/// its client id.
/// </summary>
internal sealed class LoginReader(ProductCache products, IOptions<GatewayOptions> options)
{
    /// <summary>The product of clients that do not log in.</summary>
    public const string AnonymousProduct = "anonymous";

    private readonly GatewayOptions _options = options.Value;

    // One for all devices that have logged in with the same copy of their product.
    private readonly ConditionalWeakTable<ProductView, ProductTopics> _topics = [];
    private readonly ConditionalWeakTable<ProductView, ProductTopics>.CreateValueCallback _newTopics =
        product => new ProductTopics(product.ProductKey, options.Value.FreeTopics, product.TopicPermissions);

    /// <param name="connect">What the client says.</param>
    /// <param name="clientId">Its client id, which may have been given to it.</param>
    /// <param name="certificateName">The common name of the certificate that it has shown to own.</param>
    /// <param name="shown">What it has shown in an enhanced authentication; null where it named no method for one.</param>
    /// <returns>Null when it is nobody that could be let in.</returns>
    public async ValueTask<Login?> ReadAsync(ConnectPacket connect, string clientId, string? certificateName, ScramLogin? shown)
    {
        var certified = CertifiedBy(certificateName);
        if (shown is not null && connect.UserName is not null && connect.UserName != shown.UserName)
        {
            // Section 4.12: the method says who the client is. The standard lets it give a user name and a password besides, and does not say what they
            // mean then: they must say the same.
            return null;
        }

        var userName = shown?.UserName ?? connect.UserName;
        if (userName is null && certified is null)
        {
            return _options.AllowAnonymous && await products.GetAsync(AnonymousProduct) is { IsEnabled: true } anonymous ? Anonymous(clientId, anonymous) : null;
        }

        // A certificate speaks for its device alone.
        if ((userName is null ? certified : DeviceOf(userName)) is not { } device || (certified ?? device) != device)
        {
            return null;
        }

        // A disabled product answers as one that does not exist: names can not be probed.
        return await products.GetAsync(device.ProductKey) is not { IsEnabled: true } product
            ? null
            : new Login(device with { ProductKey = product.ProductKey }, CredentialOf(connect, device, product, isCertified: certified is not null, shown), product);
    }

    /// <summary>What somebody is told who is nobody that could be let in.</summary>
    public ReasonCode RefusalOf(ConnectPacket connect, string clientId) =>
        connect.UserName is null && connect.AuthenticationMethod is null && _options.AllowAnonymous && AnonymousNameOf(clientId) is null
            ? ReasonCode.ClientIdentifierNotValid // [MQTT-3.1.3-8] ([MQTT-3.1.3-9] in 3.1.1)
            : ReasonCode.NotAuthorized;

    /// <summary>Whether the device's product is known not to let it be connected.</summary>
    public bool IsClosed(DeviceId device) => products.IsKnownToBeClosed(device.ProductKey);

    /// <summary>What is known of the device's product now; null where nothing is.</summary>
    public ProductView? KnownProduct(DeviceId device) => products.Find(device.ProductKey);

    /// <summary>What devices of a product may use.</summary>
    public ProductTopics TopicsOf(ProductView product) => _topics.GetValue(product, _newTopics);

    /// <summary>The device that a user name names; null when it can be no device's.</summary>
    public static DeviceId? DeviceOf(string userName)
    {
        var separator = userName.LastIndexOf('&');
        if (separator < 0)
        {
            return null;
        }

        var device = new DeviceId(userName[(separator + 1)..], userName[..separator]);
        return Names.IsProductKey(device.ProductKey) && Names.IsDeviceName(device.DeviceName) && device.ProductKey != AnonymousProduct ? device : null;
    }

    // What has a password as well must show that it is right.
    private static DeviceCredential CredentialOf(ConnectPacket connect, DeviceId device, ProductView product, bool isCertified, ScramLogin? shown)
    {
        var password = connect.Password is { } given ? Encoding.UTF8.GetString(given.Span) : "";
        return shown is not null ? new DeviceCredential(CredentialKind.Scram, password, shown.Proof)
            : isCertified && connect.Password is null ? new DeviceCredential(CredentialKind.Proven, "")
            : product.IsRegistrationOpen ? new DeviceCredential(CredentialKind.OpenRegistration, password)
            : LinkKitClientId.Of(connect.ClientId) is { } signed ? new DeviceCredential(CredentialKind.Signature, "", Signature: signed.ProofOf(device, password))
            : new DeviceCredential(CredentialKind.Secret, password);
    }

    private DeviceId? CertifiedBy(string? certificateName) =>
        certificateName is not null && _options.Tls.ClientCertificateIdentity == ClientCertificateIdentity.CommonName ? DeviceOf(certificateName) : null;

    private Login? Anonymous(string clientId, ProductView product)
    {
        if (AnonymousNameOf(clientId) is not { } name)
        {
            return null;
        }

        var device = new DeviceId(AnonymousProduct, name);
        return new Login(device, new DeviceCredential(CredentialKind.Anonymous, ""), product);
    }

    // What a device name must not hold is percent-encoded; the percent sign itself is such a character, so no two client ids meet.
    private static string? AnonymousNameOf(string clientId)
    {
        if (Names.IsDeviceName(clientId))
        {
            return clientId;
        }

        var name = new StringBuilder();
        foreach (var utf8 in Encoding.UTF8.GetBytes(clientId))
        {
            var character = ((char)utf8).ToString();
            name.Append(utf8 < 0x80 && Names.IsDeviceName(character) ? character : $"%{utf8:X2}");
        }

        return name.Length is > 0 and <= 3 * Names.DeviceNameLengthMax ? name.ToString() : null;
    }
}

using System.Net;

namespace IotPlatform.StatusEvents;

/// <summary>What a URL must be to be pushed to.</summary>
internal static class StatusPushUrl
{
    private const int LengthMax = 2_048;

    /// <summary>Why a URL is not pushed to; null: it may be. A name may still lead to an address that is refused when it is connected to.</summary>
    public static Refusal? FindRefusal(string text, StatusPushOptions options)
    {
        if (text.Length > LengthMax || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
        {
            return Refusal.Invalid($"url must be an http or https URL of at most {LengthMax} characters.");
        }

        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0)
        {
            return Refusal.Invalid("url must have neither a user nor a fragment.");
        }

        return !options.AllowPrivateAddresses && IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && !PublicAddresses.Contains(address)
            ? Refusal.Invalid("url leads to an address that is not public, which the installation does not allow (Messages:Push:AllowPrivateAddresses).")
            : null;
    }
}

using System.Buffers;

namespace IotPlatform;

/// <summary>How things may be named. Names are parts of topics and of grain keys, so they hold nothing that means something there.</summary>
public static class Names
{
    /// <summary>The longest product key, in characters.</summary>
    public const int ProductKeyLengthMax = 64;

    /// <summary>The longest device name, in characters.</summary>
    public const int DeviceNameLengthMax = 128;

    /// <summary>The longest message id, in characters. Source: Huawei IoTDA, message_id.</summary>
    public const int MessageIdLengthMax = 128;

    /// <summary>The longest display name, in characters.</summary>
    public const int DisplayNameLengthMax = 128;

    /// <summary>The longest key of a tag, in characters.</summary>
    public const int TagKeyLengthMax = 64;

    /// <summary>The longest value of a tag, in characters.</summary>
    public const int TagValueLengthMax = 128;

    private static readonly SearchValues<char> WordCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private static readonly SearchValues<char> TagKeyCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");

    // Source: Alibaba Cloud IoT, RegisterDevice: letters, digits and - _ @ . :
    private static readonly SearchValues<char> DeviceNameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.@:");

    /// <summary>
    /// 1 to 64 letters, digits, <c>_</c> and <c>-</c>; neither <c>sys</c> nor <c>broadcast</c>, which topics of all products begin with: the branch of such a
    /// product's devices would hold those of others.
    /// </summary>
    public static bool IsProductKey(string? value) => IsMadeOf(value, WordCharacters, ProductKeyLengthMax) && value is not ("sys" or "broadcast");

    /// <summary>1 to 128 letters, digits and <c>_ - . @ :</c>.</summary>
    public static bool IsDeviceName(string? value) => IsMadeOf(value, DeviceNameCharacters, DeviceNameLengthMax);

    /// <summary>1 to 128 letters, digits, <c>_</c> and <c>-</c>.</summary>
    public static bool IsMessageId(string? value) => IsMadeOf(value, WordCharacters, MessageIdLengthMax);

    /// <summary>At most 128 characters of text.</summary>
    public static bool IsDisplayName(string value) => value.Length <= DisplayNameLengthMax && IsText(value);

    /// <summary>1 to 64 letters, digits and <c>_ . -</c>.</summary>
    public static bool IsTagKey(string? value) => IsMadeOf(value, TagKeyCharacters, TagKeyLengthMax);

    /// <summary>At most 128 characters of text, also none.</summary>
    public static bool IsTagValue(string value) => value.Length <= TagValueLengthMax && IsText(value);

    /// <summary>Whether a text can be kept and sent as it is: no U+0000, which databases and MQTT refuse, and no half of a surrogate pair, which UTF-8 has no form for.</summary>
    public static bool IsText(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\0' || (char.IsSurrogate(value[i]) && !char.IsSurrogatePair(value, i++)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsMadeOf(string? value, SearchValues<char> characters, int lengthMax) =>
        value is { Length: > 0 } && value.Length <= lengthMax && !value.AsSpan().ContainsAnyExcept(characters);
}

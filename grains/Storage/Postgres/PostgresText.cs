using System.Text;

namespace IotPlatform.Storage.Postgres;

/// <summary>What PostgreSQL can store as text: any Unicode text without U+0000.</summary>
internal static class PostgresText
{
    /// <summary>Whether a text can be stored; one that can not is in no row.</summary>
    public static bool CanHold(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return !text.Contains('\0');
        }

        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var length) != System.Buffers.OperationStatus.Done || rune.Value == 0)
            {
                return false;
            }

            rest = rest[length..];
        }

        return true;
    }

    /// <summary>Refuses a text that can not be stored, before a whole batch is refused because of it.</summary>
    public static string Checked(string text) =>
        CanHold(text) ? text : throw new ArgumentException("A text that is to be stored holds U+0000, or half of a surrogate pair.");
}

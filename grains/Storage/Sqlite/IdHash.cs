namespace IotPlatform.Storage.Sqlite;

/// <summary>By which an id that a caller gave to his message is told from most others, in this process.</summary>
internal static class IdHash
{
    /// <summary>Its id is its sequence.</summary>
    public const int NoOwnId = 0;

    /// <summary>An earlier process has written it, and nobody has looked.</summary>
    public const int Unknown = 1;

    public static int Of(string messageId) => messageId.GetHashCode(StringComparison.Ordinal) is not (NoOwnId or Unknown) and var hash ? hash : 2;
}

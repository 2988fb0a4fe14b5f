using System.Globalization;

namespace IotPlatform.StatusEvents;

/// <summary>A place in the order of all status events. Events are stored in pages, one a commit of the store.</summary>
/// <param name="Transaction">The transaction that has stored the page; 0 where one process writes alone.</param>
/// <param name="Page">The page.</param>
/// <param name="Index">The event in its page; <see cref="WholePage"/>: behind all of them.</param>
[GenerateSerializer, Immutable, Alias("iot.status-event-position")]
public readonly record struct StatusEventPosition([property: Id(0)] long Transaction, [property: Id(1)] long Page, [property: Id(2)] int Index)
{
    /// <summary>The index behind all events of a page.</summary>
    public const int WholePage = int.MaxValue;

    /// <summary>Before all events.</summary>
    public static StatusEventPosition Start => default;

    /// <summary>Behind the whole page of this event.</summary>
    public StatusEventPosition BehindPage => this with { Index = WholePage };

    /// <summary>Reads the text form, <c>transaction.page.index</c>.</summary>
    public static bool TryParse(string text, out StatusEventPosition position)
    {
        position = default;
        var parts = text.Split('.');
        if (parts.Length != 3
            || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var transaction)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var page)
            || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            return false;
        }

        position = new StatusEventPosition(transaction, page, index);
        return true;
    }

    /// <summary>Whether this is before <paramref name="other"/>.</summary>
    public bool IsBefore(StatusEventPosition other) => (Transaction, Page, Index).CompareTo((other.Transaction, other.Page, other.Index)) < 0;

    /// <summary>The text form, for those outside, who hand it back as it is.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Transaction}.{Page}.{Index}");
}

namespace IotPlatform.Mqtt.Topics;

/// <summary>
/// Goes down the levels of a topic name or filter; a copy goes on from where the original stands. At the depth of <paramref name="levelsMax"/> the last level
/// is all that is left, separators and all.
/// </summary>
internal ref struct TopicPath(ReadOnlySpan<byte> topic, int levelsMax)
{
    private ReadOnlySpan<byte> _rest = topic;
    private int _levelsLeft = levelsMax;

    /// <summary>The level reached by the last <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>Goes to the next level.</summary>
    /// <returns>False when there is none.</returns>
    public bool MoveNext()
    {
        if (_levelsLeft == 0)
        {
            return false;
        }

        _levelsLeft--;
        var level = _rest;
        if (_levelsLeft > 0 && !TopicLevels.Split(_rest, out level, out _rest))
        {
            _levelsLeft = 0;
        }

        Current = level;
        return true;
    }
}

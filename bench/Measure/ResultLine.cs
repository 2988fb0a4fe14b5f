using System.Globalization;
using System.Text;

namespace IotPlatform.Bench.Measure;

/// <summary>One line of <c>key=value</c> pairs: what a scenario says about a target.</summary>
internal sealed class ResultLine
{
    private readonly StringBuilder _text = new();

    public ResultLine Add(string key, string value)
    {
        _text.Append(_text.Length == 0 ? "" : " ").Append(key).Append('=').Append(value);
        return this;
    }

    /// <summary>Whole numbers are printed whole; others with the three or four digits that a measurement has at most.</summary>
    public ResultLine Add(string key, double value) => Add(key, Rounded(value));

    public override string ToString() => _text.ToString();

    private static string Rounded(double value)
    {
        var format = Math.Abs(value) switch
        {
            _ when double.IsInteger(value) => "0",
            >= 1000 => "0",
            >= 100 => "0.0",
            >= 10 => "0.00",
            _ => "0.000",
        };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }
}
